import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/cell.ts';
import { cells } from '../src/cells/index.ts';
import { PAGE, rowOf } from '../src/print.ts';

test('docs/runtimes.md has a row for each cell; `npm run matrix -- --write` writes it', () => {
  const cellsOf = (row: string) => row.split(/\s*\|\s*/).slice(1, 3);
  const rows = readFileSync(join(root, PAGE), 'utf8')
    .split('\n')
    .filter((line) => /^\| /.test(line));
  const [, , ...written] = rows;
  expect(written.map(cellsOf)).toEqual(cells.map((cell) => cellsOf(rowOf(cell))));
});

test('no two cells have the same name', () => {
  const names = cells.map(rowOf);
  expect(names).toEqual([...new Set(names)]);
});
