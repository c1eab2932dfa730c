// Where each page of the repository is on the site. Pages stay where people read them on GitHub.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');
const out = join(root, 'internal/docs-site/out');
/** The pages as VitePress reads them. */
export const stage = join(out, 'pages');
/** The site. */
export const site = join(out, 'site');
export const cache = join(out, 'cache');

/** Single pages: path in the repository -> path on the site. */
const SINGLE: Readonly<Record<string, string>> = {
  'CONTRIBUTING.md': 'contributing.md',
  'AGENTS.md': 'map.md',
  'SECURITY.md': 'reporting.md',
  'apps/demo/README.md': 'packages/demo.md',
  // a folder: the build writes the list
  'docs/decisions': 'decisions/index.md',
};

/** `packages/core/README.md` -> `packages/core.md`; nothing for a page that the site does not have. */
export function sitePathOf(path: string): string | undefined {
  if (path in SINGLE) return SINGLE[path];
  if (/^docs\/.*\.md$/.test(path)) return asIndex(path.slice('docs/'.length));
  const [, name] = /^packages\/(?:(?:network|workflows)\/)?([^/]+)\/README\.md$/.exec(path) ?? [];
  if (name) return `packages/${name}.md`;
  const [, example] = /^examples\/(?:([^/]+)\/)?README\.md$/.exec(path) ?? [];
  return example ? `examples/${example}.md` : path === 'examples/README.md' ? 'examples/index.md' : undefined;
}

const asIndex = (path: string) => path.replace(/(^|\/)README\.md$/, '$1index.md');

export const REPOSITORY = 'https://github.com/OWNER/heurist-sdk';
const isFolder = (path: string) => statSync(join(root, path)).isDirectory();

/** What a link of a page leads to. */
export type Target = { page: string; anchor: string } | { picture: string } | { url: string };

/**
 * What an address on a page of the repository means on the site: a page there, a picture to show, or an address that stays as it
 * is or leads to GitHub.
 */
export function targetOf(from: string, link: string): Target {
  if (/^([a-z]+:|#|\/)/i.test(link)) return { url: link };
  const [path = '', anchor] = link.split('#');
  const target = normalize(join(dirname(from), decodeURIComponent(path))).replace(/\/$/, '');
  if (!existsSync(join(root, target))) return { url: link };
  const after = anchor === undefined ? '' : `#${anchor}`;
  const file = isFolder(target) && !(target in SINGLE) ? `${target}/README.md` : target;
  const page = existsSync(join(root, file)) ? sitePathOf(file) : undefined;
  if (page) return { page, anchor: after };
  if (/\.(png|jpg|webp|svg)$/.test(target)) return { picture: target };
  return { url: `${REPOSITORY}/${isFolder(target) ? 'tree' : 'blob'}/main/${target}${after}` };
}

/** What pages of workflows show. */
export const pictures = join(root, 'docs/workflows/pictures');
