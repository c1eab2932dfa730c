import { globSync } from 'node:fs';
import { root, sitePathOf } from './paths.ts';

/** The pages of packages and of the demo. */
export const packages = () =>
  pagesOf(['packages/{*,{network,workflows}/*}/README.md', 'apps/*/README.md'], 'packages/');

/** The pages of whole programs. */
export const examples = () => pagesOf(['examples/*/README.md'], 'examples/');

function pagesOf(patterns: string[], prefix: string): { name: string; link: string }[] {
  const pages = globSync(patterns, { cwd: root })
    .sort()
    .flatMap((path) => sitePathOf(path) ?? []);
  return pages
    .map((page) => page.replace(/\.md$/, ''))
    .map((page) => ({ name: page.replace(prefix, ''), link: `/${page}` }));
}
