import { expect, test } from 'vitest';
import { type Cell, type Stage, Unavailable } from '../src/cell.ts';
import { runCells } from '../src/matrix.ts';
import { describeOutcome, printPage, summarize } from '../src/print.ts';

const stage = {} as Stage;
const cell = (where: string, run: Cell['run']): Cell => ({ where, does: 'something', run });
const cells = [
  cell('A', async () => {}),
  cell('B', async () => {
    throw new Error('no\nline');
  }),
  cell('C', async () => {
    throw new Unavailable('C does not install here.');
  }),
];

test('each cell is reported as it ends, in the order of the list at the end; what cannot be installed is skipped, with why', async () => {
  const lines: string[] = [];
  const outcomes = await runCells(cells, stage, (outcome) => lines.push(describeOutcome(outcome)));
  expect(outcomes.map(({ cell, state }) => [cell.where, state])).toEqual([
    ['A', 'passed'],
    ['B', 'failed'],
    ['C', 'skipped'],
  ]);
  expect(lines.toSorted().map((line) => line.replace(/\d+\.\d/, '0.0'))).toEqual([
    'FAILED   B: something (0.0 s)\n         no\n         line',
    'SKIPPED  C: something (0.0 s)\n         C does not install here.',
    'ok       A: something (0.0 s)',
  ]);
  expect(summarize(outcomes)).toBe('1 cells passed, 1 failed, 1 skipped');
  expect(printPage(outcomes)).toContain(
    '| A | something | works |\n| B | something | fails |\n| C | something | not tried |\n',
  );
});
