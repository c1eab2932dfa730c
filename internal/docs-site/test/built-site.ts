import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import MiniSearch from 'minisearch';
import { site, stage } from '../src/paths.ts';
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

/** Links that lead to no page, heading or file, with page and line. */
export function brokenLinks(pages: ReadonlyMap<string, BuiltPage>, isLeftOut = (_link: string) => false): string[] {
  return [...pages.values()].flatMap((page) =>
    page.links
      .filter((link) => !isLeftOut(link) && !leadsSomewhere(page, link, pages))
      .map((link) => `${placeOf(page, link)}: ${link}`),
  );
}

/** Where a link is written in the Markdown that the page is made of; without a line if a theme or plugin has made it. */
function placeOf({ address }: BuiltPage, link: string): string {
  const path = `${address.slice(1).replace(/(^|\/)$/, '$1index')}.md`;
  const lines = readFileSync(join(stage, path), 'utf8').split('\n');
  // addresses of pages end with .md there
  const [page = '', anchor] = link.split('#');
  const end = anchor === undefined ? page.split('/').at(-1)! : `#${anchor}`;
  const at = lines.findIndex((line) => line.includes(`${end})`) || line.includes(`${end}.md)`));
  return at === -1 ? path : `${path}:${at + 1}`;
}

/** Names that a page has twice: a link would lead to the first. */
export function namesTwice({ address, html }: BuiltPage): string[] {
  const names = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, name]) => name!);
  return names.filter((name, index) => names.indexOf(name) < index).map((name) => `${address}#${name}`);
}

function leadsSomewhere(page: BuiltPage, link: string, pages: ReadonlyMap<string, BuiltPage>): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path ? pages.get(path) : page;
  if (!target) return existsSync(join(site, path));
  return !anchor || target.anchors.has(anchor);
}

let index: MiniSearch | undefined;

/** The pages that the site's search finds, the best first. */
export function answersTo(question: string): string[] {
  index ??= openSearch();
  return [...new Set(index.search(question).map(({ id }) => String(id).split('#')[0]!))];
}

/** The index of the site's search, opened as the page does. */
function openSearch(): MiniSearch {
  const [file] = globSync('assets/chunks/@localSearchIndexroot.*.js', { cwd: site });
  const source = readFileSync(join(site, file!), 'utf8');
  // the module exports one text of JSON
  const json = new Function(
    `${source.replace(/export\s*\{[^}]*\};?\s*$/, '')}; return ${/export\{(\w+) as default\}/.exec(source)![1]};`,
  )();
  return MiniSearch.loadJSON(json, {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    ...search.miniSearch.options,
    searchOptions: search.miniSearch.searchOptions,
  });
}
