import { expect, test } from 'vitest';
import { type Change, checkChanges } from '../src/verdict/ledger.ts';

const changes = (
  ...steps: [before: string | null, after: string, attempt: number][]
): Pick<Change, 'before' | 'after' | 'attempt'>[] =>
  steps.map(([before, after, attempt]) => ({ before, after, attempt }));

test('a task that was given back once is fine', () => {
  const all = changes(
    [null, 'waiting', 0],
    ['waiting', 'running', 1],
    ['running', 'waiting', 1],
    ['waiting', 'running', 2],
    ['running', 'finished', 2],
  );
  expect(checkChanges(all, 3)).toEqual([]);
});

test.each([
  [
    'finished twice',
    changes([null, 'waiting', 0], ['waiting', 'running', 1], ['running', 'finished', 1], ['finished', 'finished', 1]),
  ],
  ['out of its end', changes([null, 'waiting', 0], ['waiting', 'canceled', 0], ['canceled', 'running', 1])],
  ['two attempts at once', changes([null, 'waiting', 0], ['waiting', 'running', 1], ['running', 'finished', 2])],
  ['a change that nobody saw', changes([null, 'waiting', 0], ['running', 'finished', 1])],
  ['without an end', changes([null, 'waiting', 0], ['waiting', 'running', 1])],
])('%s is noticed', (_, all) => {
  expect(checkChanges(all, 3)).not.toEqual([]);
});
