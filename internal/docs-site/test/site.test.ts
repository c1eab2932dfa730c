// The site is built as a visitor gets it, without the reference, which `site.slow.test.ts` builds too.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sidebar } from '../src/navigation.ts';
import { site, stage } from '../src/paths.ts';
import { type BuiltPage, brokenLinks, buildSite, builtPages, openSearch } from './built-site.ts';

let pages: Map<string, BuiltPage>;
beforeAll(async () => {
  await buildSite('--without-reference');
  pages = builtPages();
}, 240_000);

test('links of built pages lead to pages, headings and files that exist', () => {
  expect(pages.size).toBeGreaterThan(80);
  expect(brokenLinks(pages, (link) => link.startsWith('/reference/'))).toEqual([]);
});

test('every page is in the list beside the pages', () => {
  const listed = new Set(linksOf(sidebar));
  const lost = [...pages.keys()].filter((address) => address !== '/' && !listed.has(address));
  expect(lost).toEqual([]);
  const gone = [...listed].filter((link) => !pages.has(link) && !link.startsWith('/reference/'));
  expect(gone).toEqual([]);
});

const linksOf = (items: typeof sidebar): string[] =>
  items.flatMap(({ link, items: more = [] }) => [...(link ? [link] : []), ...linksOf(more)]);

describe('the search of the site answers', () => {
  test.each([
    ['how do I resume', '/guides/wait-and-resume'],
    ['how do I use my ComfyUI workflow from an app', '/guides/from-comfyui'],
    ['why is my task waiting', '/guides/why-it-waits'],
    ['out_of_memory', '/guides/errors'],
    ['revoke key', '/cli'],
  ])('%s', (question, page) => {
    const answers = [...new Set(openSearch()(question).map((id) => id.split('#')[0]))];
    expect(answers.slice(0, 3)).toContain(page);
  });
});

describe('for assistants', () => {
  test('every page is Markdown too, with links that hold', () => {
    const files = globSync('**/*.md', { cwd: stage });
    expect(files.length).toBe(pages.size);
    for (const file of files)
      expect(readFileSync(join(site, file), 'utf8')).toBe(readFileSync(join(stage, file), 'utf8'));
    const links = files.flatMap((file) => [...readFileSync(join(site, file), 'utf8').matchAll(/\]\((\/[^)#\s]+)/g)]);
    const broken = links
      .map(([, path]) => path!)
      .filter((path) => !path.startsWith('/reference/') && !existsSync(join(site, path)));
    expect(links.length).toBeGreaterThan(200);
    expect(broken).toEqual([]);
  });

  test('llms.txt names each, by its title', () => {
    const list = readFileSync(join(site, 'llms.txt'), 'utf8');
    expect(list).toContain('- [Wait and resume](/guides/wait-and-resume.md)');
    expect(list.match(/^- \[.+\]\(.+\.md\)$/gm)?.length).toBe(pages.size);
  });
});
