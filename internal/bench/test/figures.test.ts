// Figures of the README are those that the benchmark measures: `npm run bench -- bundle` writes them.
import { readFileSync } from 'node:fs';
import { readFigures, withFigures, withTable } from '@heurist/test-servers/page-figures';
import { expect, test } from 'vitest';
import { bundleFigures, measureBundles } from '../support/bundle-sizes.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

test('sizes in the README are within a tenth (or 0.1 kB) of those measured now', async () => {
  const measured = bundleFigures(await measureBundles(['@heurist/source']));
  expect(measured.reference).toBeGreaterThan(20);
  const printed = readFigures(readme);
  expect([...printed.keys()].toSorted()).toEqual(Object.keys(measured).toSorted());
  const far = [...printed].filter(
    ([name, figure]) => Math.abs(figure - measured[name]!) > Math.max(measured[name]! / 10, 0.1),
  );
  expect(far, 'run "npm run bench -- bundle"').toEqual([]);
});

test('no page names a size of a bundle by hand', () => {
  const text = readme.replaceAll(/<!-- figure .*?<!-- \/figure -->/g, '');
  expect(text.match(/\d[\d.]* ?kB/g) ?? []).toEqual([]);
});

test('a figure is written between its marks, and nothing else changes', () => {
  const page = 'It takes <!-- figure a -->9<!-- /figure --> kB, of 9.';
  expect(withFigures(page, { a: 1.25 })).toBe('It takes <!-- figure a -->1.3<!-- /figure --> kB, of 9.');
  expect(() => withFigures(page, { a: 1, b: 2 })).toThrow('no mark for b');
  expect(() => withFigures(`${page}<!-- figure c -->1<!-- /figure -->`, { a: 1 })).toThrow('Nothing measures "c"');
});

test('a table is written between its marks, and nothing else changes', () => {
  const page = 'Before.\n\n<!-- table a -->\nold\n<!-- /table -->\n\nAfter.';
  const rows = [
    ['case', 'ms'],
    ['one', '10.5'],
  ];
  const written = `Before.

<!-- table a -->

| case | ms   |
| ---- | ---- |
| one  | 10.5 |

<!-- /table -->

After.`;
  expect(withTable(page, 'a', rows)).toBe(written);
  expect(withTable(written, 'a', rows)).toBe(written);
  expect(() => withTable(page, 'b', rows)).toThrow('no marks for a table: <!-- table b -->');
});
