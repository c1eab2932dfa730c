import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import MiniSearch from 'minisearch';
import { site } from '../src/paths.ts';
import { search } from '../src/search.ts';

/** Builds the site as `npm run docs` does, in a process of its own: VitePress brings its own Vite. */
export async function buildSite(...args: string[]): Promise<void> {
  const script = join(import.meta.dirname, '../main.ts');
  await promisify(execFile)(process.execPath, ['--conditions=@heurist/source', script, ...args]);
}

/** A page as it was built. */
export interface BuiltPage {
  /** Such as `/guides/files`, or `/guides/` for an index. */
  address: string;
  html: string;
  /** What `#...` may name. */
  anchors: Set<string>;
  /** Links and pictures within the site. */
  links: string[];
}

export function builtPages(): Map<string, BuiltPage> {
  const files = globSync('**/*.html', { cwd: site }).filter((file) => file !== '404.html');
  return new Map(files.map(readBuilt).map((page) => [page.address, page]));
}

function readBuilt(file: string): BuiltPage {
  const html = readFileSync(join(site, file), 'utf8');
  const all = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, found]) => decodeURIComponent(found!));
  return {
    address: `/${file}`.replace(/(?<=\/)index\.html$|\.html$/, ''),
    html,
    anchors: new Set(all(/\sid="([^"]+)"/g)),
    links: all(/\s(?:href|src)="((?:\/|#)[^"]*)"/g),
  };
}

/** Links that lead to no page, heading or file. */
export function brokenLinks(pages: ReadonlyMap<string, BuiltPage>, isLeftOut = (_link: string) => false): string[] {
  return [...pages.values()].flatMap((page) =>
    page.links
      .filter((link) => !isLeftOut(link) && !leadsSomewhere(page, link, pages))
      .map((link) => `${page.address}: ${link}`),
  );
}

function leadsSomewhere(page: BuiltPage, link: string, pages: ReadonlyMap<string, BuiltPage>): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path ? pages.get(path) : page;
  if (!target) return existsSync(join(site, path));
  return !anchor || target.anchors.has(anchor);
}

/** The index of the site's search, opened as the page does. */
export function openSearch(): (question: string) => string[] {
  const [file] = globSync('assets/chunks/@localSearchIndexroot.*.js', { cwd: site });
  const source = readFileSync(join(site, file!), 'utf8');
  // the module exports one text of JSON
  const json = new Function(
    `${source.replace(/export\s*\{[^}]*\};?\s*$/, '')}; return ${/export\{(\w+) as default\}/.exec(source)![1]};`,
  )();
  const index = MiniSearch.loadJSON(json, {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    ...search.miniSearch.options,
    searchOptions: search.miniSearch.searchOptions,
  });
  return (question) => index.search(question).map(({ id }) => String(id));
}
