// The site is built as a visitor gets it, without the reference, which `site.slow.test.ts` builds too.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sidebar } from '../src/navigation.ts';
import { site, stage } from '../src/paths.ts';
import { answersTo, type BuiltPage, brokenLinks, buildSite, builtPages, namesTwice } from './built-site.ts';
import { questions } from './questions.ts';

let pages: Map<string, BuiltPage>;
beforeAll(async () => {
  await buildSite('--without-reference');
  pages = builtPages();
}, 240_000);

test('links of built pages lead to pages, headings and files that exist', () => {
  expect(pages.size).toBeGreaterThan(80);
  expect(brokenLinks(pages, (link) => link.startsWith('/reference/'))).toEqual([]);
});

test('a dead link is named with its page and line, and so is a name that a page has twice', () => {
  const gone = new Map([...pages].filter(([address]) => address !== '/glossary'));
  const dead = brokenLinks(gone, (link) => link !== '/glossary');
  const placed = dead.flatMap((found) => [...found.matchAll(/^(.+\.md):(\d+): \/glossary$/g)]);
  expect(placed.length).toBeGreaterThan(0);
  for (const [, path, line] of placed)
    expect(readFileSync(join(stage, path!), 'utf8').split('\n')[Number(line) - 1]).toMatch(/glossary(\.md)?\)/);
  const page = { ...pages.get('/glossary')!, html: '<h2 id="task"></h2><h2 id="miner"></h2><h3 id="task"></h3>' };
  expect(namesTwice(page)).toEqual(['/glossary#task']);
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

test('the start page has its name and its picture once', () => {
  const { html } = pages.get('/')!;
  expect(html.match(/<h1/g)).toHaveLength(1);
  expect(html.match(/<img[^>]+samples-picked/g)).toHaveLength(1);
});

describe('the search of the site answers', () => {
  test.each(questions)('%s', (question, page) => {
    expect(answersTo(question).slice(0, 2)).toContain(page);
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
