// Links of all pages lead to files and headings that exist. Addresses of other sites are not tried: tests need no network.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { brokenLinks } from '../src/links.ts';
import { readPage, readPages, root } from '../src/pages.ts';

const pages = readPages();

test.each([...pages.keys()])('%s: links lead somewhere', (path) => {
  expect(brokenLinks(pages.get(path)!, pages)).toEqual([]);
});

test('every way to write a link is found, and every way to be wrong', () => {
  const text = `# A title: \`code\` & more
[a](#a-title-code--more) [b](nowhere.md) ![c](docs/nowhere.png) [d][ref] <img src="gone.webp"> [e](#nowhere)
[f](docs/glossary.md#nowhere) [g](https://example.com/x) [h](packages/core) [i](../outside.md) [j](AGENTS.md#layers)

[ref]: nowhere-else.md
| [k](gone.md) | \`[l](code.md)\` |
`;
  expect(brokenLinks(readPage('README.md', text), pages)).toEqual([
    'README.md:2: nowhere.md: there is no such file',
    'README.md:2: docs/nowhere.png: there is no such file',
    'README.md:2: gone.webp: there is no such file',
    'README.md:2: #nowhere: there is no such heading',
    'README.md:3: docs/glossary.md#nowhere: there is no such heading',
    'README.md:3: ../outside.md: leaves the repository',
    'README.md:5: nowhere-else.md: there is no such file',
    'README.md:6: gone.md: there is no such file',
  ]);
});

test('pages of packages are linked from the root, or from a page that is', () => {
  const seen = new Set<string>();
  const follow = (path: string) => {
    const page = pages.get(path) ?? pages.get(`${path}/README.md`);
    if (!page || seen.has(page.path)) return;
    seen.add(page.path);
    for (const { text: link } of page.links)
      if (!/^[a-z]+:|^#/i.test(link))
        follow(normalize(join(dirname(page.path), link.split('#')[0]!)).replace(/\/$/, ''));
  };
  follow('README.md');
  const lost = [...pages.keys()].filter(
    (path) => /^(docs\/[^/]+|packages\/.*README)\.md$/.test(path) && !seen.has(path),
  );
  expect(lost.filter((path) => !path.includes('/fixtures/'))).toEqual([]);
});

/** Pages that lead through the source. */
const GUIDES = ['docs/architecture.md', 'docs/common-changes.md'];
const NAME = /^([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)(?:\(.*\))?$/;

test.each(GUIDES)('%s: functions and types are in the files that it names', (path) => {
  const { spans } = pages.get(path)!;
  const files = spans.map(({ text }) => join(root, text)).filter((file) => existsSync(file) && statSync(file).isFile());
  const sources = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const names = spans.flatMap(({ place, text }) => (NAME.exec(text) ? [{ place, name: NAME.exec(text)![1]! }] : []));
  expect(names.length).toBeGreaterThan(0);
  const gone = names.filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(sources));
  expect(gone.map(({ place, name }) => `${place}: ${name}`)).toEqual([]);
});
