import { createRandom, type Random } from '@heurist/test-servers/random';
import { expect, test } from 'vitest';
import type { Change } from '../src/verdict/ledger.ts';
import { checkTurns } from '../src/verdict/turns.ts';

const change = (task_id: string, before: string | null, after: string, at: number, more: Partial<Change> = {}) => {
  const [owner = ''] = task_id;
  return {
    task_id,
    owner,
    workflow_id: 'paint',
    before,
    after,
    attempt: 0,
    turn: 1,
    began: at - 0.5,
    committed: at,
    ...more,
  };
};
const create = (at: number, ...task_ids: string[]) => task_ids.map((id) => change(id, null, 'waiting', at));
/** One per unit of time. */
const claim = (from: number, ...task_ids: string[]) =>
  task_ids.map((id, index) => change(id, 'waiting', 'running', from + index));

test('owners who take turns', () => {
  const ledger = [...create(1, 'a1', 'a2', 'a3', 'b1', 'b2', 'c1'), ...claim(10, 'a1', 'b1', 'c1', 'a2', 'b2', 'a3')];
  expect(checkTurns(ledger)).toEqual([]);
});

test('a newcomer may come one turn later: two tasks of another are before it', () => {
  const ledger = [...create(1, 'a1', 'a2', 'a3', 'b1'), ...claim(10, 'a1', 'a2', 'b1', 'a3')];
  expect(checkTurns(ledger)).toEqual([]);
});

test('an owner who is served before all others is noticed', () => {
  const ledger = [...create(1, 'a1', 'a2', 'a3', 'b1'), ...claim(10, 'a1', 'a2', 'a3', 'b1')];
  expect(checkTurns(ledger)).toEqual([
    'task b1 of b (turn 1) was first for 12 ms, and was overtaken by 3 tasks of a (turns 1 at 9 ms, 1 at 10 ms, 1 at 11 ms)',
  ]);
});

test('of the honest only, whoever overtakes them', () => {
  const ledger = [...create(1, 'a1', 'a2', 'a3', 'b1'), ...claim(10, 'a1', 'a2', 'a3', 'b1')];
  expect(checkTurns(ledger, [], new Set(['b']))).toHaveLength(1);
  expect(checkTurns(ledger, [], new Set(['a']))).toEqual([]);
});

test('as it is in the middle of a line: only what was handed out since the task before counts', () => {
  const inTurn = claim(10, 'a1', 'b1', 'a2', 'a3', 'b2');
  expect(checkTurns([...create(1, 'a1', 'a2', 'a3', 'a4', 'b1', 'b2'), ...inTurn])).toEqual([]);
  const late = claim(10, 'a1', 'b1', 'a2', 'a3', 'a4', 'b2');
  expect(checkTurns([...create(1, 'a1', 'a2', 'a3', 'a4', 'b1', 'b2'), ...late])).toHaveLength(1);
});

test('tasks of other workflows have a line of their own', () => {
  const other = { workflow_id: 'other' };
  const ledger = [
    ...create(1, 'a1', 'a2', 'a3'),
    ...claim(10, 'a1', 'a2', 'a3'),
    change('b1', null, 'waiting', 1, other),
    change('b1', 'waiting', 'running', 20, other),
  ];
  expect(checkTurns(ledger)).toEqual([]);
});

test('many owners with one task each pass nobody', () => {
  const others = ['a1', 'c1', 'd1', 'e1', 'f1'];
  expect(checkTurns([...create(1, ...others, 'b1'), ...claim(10, ...others, 'b1')])).toEqual([]);
});

test('what was handed out before a task was committed, or by a transaction that overlaps its own, does not count', () => {
  const ledger = create(1, 'a1', 'a2', 'a3');
  const claims = claim(10, 'a1', 'a2', 'a3');
  expect(checkTurns([...ledger, ...create(11.6, 'b1'), ...claims, ...claim(20, 'b1')])).toEqual([]);
  const overlapping = change('b1', 'waiting', 'running', 20, { began: 11.8 });
  expect(checkTurns([...ledger, ...create(1, 'b1'), ...claims, overlapping])).toEqual([]);
  expect(checkTurns([...ledger, ...create(1, 'b1'), ...claims, ...claim(20, 'b1')])).toHaveLength(1);
});

test('what is handed out again had its turn before', () => {
  const again = [20, 21, 22].map((at, index) => change(`a${index + 1}`, 'waiting', 'running', at, { attempt: 2 }));
  const ledger = [
    ...create(1, 'a1', 'a2', 'a3'),
    ...claim(10, 'a1', 'a2', 'a3'),
    ...create(15, 'b1'),
    ...again,
    ...claim(30, 'b1'),
  ];
  expect(checkTurns(ledger)).toEqual([]);
});

test('a task that is handed out again takes a turn of its owner', () => {
  const ledger = [
    ...create(1, 'a1', 'a2', 'a3', 'b1', 'b2'),
    ...claim(10, 'b1', 'a1', 'a2'),
    change('b1', 'waiting', 'running', 13, { attempt: 2 }),
    ...claim(14, 'a3', 'b2'),
  ];
  expect(checkTurns(ledger)).toEqual([]);
  expect(checkTurns(ledger.filter(({ attempt }) => attempt === 0))).toHaveLength(1);
});

test('what is handed out while a fault holds tasks back does not count', () => {
  const ledger = [...create(1, 'a1', 'a2', 'a3', 'b1'), ...claim(10, 'a1', 'a2', 'a3', 'b1')];
  expect(checkTurns(ledger, [{ from: 11.8, to: 30 }])).toEqual([]);
  expect(checkTurns(ledger, [{ from: 12.1, to: 30 }])).toHaveLength(1);
  expect(checkTurns(ledger, [{ from: 0, to: 30, tasks: new Set(['b1']) }])).toEqual([]);
  expect(checkTurns(ledger, [{ from: 0, to: 30, tasks: new Set(['a1']) }])).toHaveLength(1);
});

/** Arrivals at random times, of owners who submit much and little, and a server that picks one after the other. */
function simulate(random: Random, pick: (waiting: string[], served: string[]) => string): Change[] {
  const ledger: Change[] = [];
  const waiting: string[] = [];
  const served: string[] = [];
  const counts = new Map<string, number>();
  for (let at = 0; at < 400; at++) {
    const owner = 'abcd'[Math.floor(random() ** 2 * 4)]!;
    if (random() < 0.6) {
      const count = (counts.get(owner) ?? 0) + 1;
      counts.set(owner, count);
      waiting.push(`${owner}${count}`);
      ledger.push(...create(at, `${owner}${count}`));
    }
    if (!waiting.length || random() < 0.5) continue;
    const next = pick(waiting, served);
    waiting.splice(waiting.indexOf(next), 1);
    served.push(next);
    ledger.push(...claim(at + 0.9, next));
  }
  return ledger;
}

/** The next owner after the last one, in the order of letters. */
function pickInTurn(waiting: string[], served: string[]): string {
  const last = served.at(-1)?.[0] ?? '';
  return (
    waiting.find((id) => id[0]! > last && !waiting.some((other) => other[0]! > last && other[0]! < id[0]!)) ??
    waiting.find((id) => !waiting.some((other) => other[0]! < id[0]!))!
  );
}

test.each([1, 2, 3, 4, 5])('random arrivals, seed %i: turns pass, first come first served does not', (seed) => {
  expect(checkTurns(simulate(createRandom(seed), pickInTurn))).toEqual([]);
  expect(checkTurns(simulate(createRandom(seed), ([first]) => first!))).not.toEqual([]);
});
