import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Page, root } from './pages.ts';

/**
 * The links of a page that lead nowhere, each with its line and what is wrong.
 *
 * @param pages - all pages, for their headings
 * @param folder - what the paths of pages begin at. Default: the repository
 */
export function brokenLinks(page: Page, pages: ReadonlyMap<string, Page>, folder = root): string[] {
  return page.links.flatMap(({ place, text }) => {
    const problem = problemOf(page, text, pages, folder);
    return problem ? [`${place}: ${text}: ${problem}`] : [];
  });
}

function problemOf(page: Page, link: string, pages: ReadonlyMap<string, Page>, folder: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) return;
  const [path = '', anchor] = decodeURIComponent(link).split('#');
  const target = path ? normalize(join(dirname(page.path), path)).replace(/\/$/, '') : page.path;
  if (path.startsWith('/') || target.startsWith('..')) return 'leaves the repository';
  if (!existsSync(join(folder, target))) return 'there is no such file';
  if (anchor === undefined) return;
  const there = path ? (pages.get(target) ?? pages.get(`${target}/README.md`)) : page;
  if (!there?.anchors.has(anchor)) return 'there is no such heading';
}
