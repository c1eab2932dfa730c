import { globSync } from 'node:fs';
import { root, sitePathOf } from './paths.ts';

/** The pages of packages, examples and the demo. */
export function packages(): { name: string; link: string }[] {
  return globSync(['packages/{*,{network,workflows}/*}/README.md', 'examples/*/README.md', 'apps/*/README.md'], {
    cwd: root,
  })
    .sort()
    .flatMap((path) => {
      const page = sitePathOf(path);
      return page ? [{ name: page.replace(/^packages\/|\.md$/g, ''), link: `/${page.replace(/\.md$/, '')}` }] : [];
    });
}
