import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareClaims } from '../turns.ts';
import {
  clampLoad,
  type KeyKnowledge,
  MAX_LOAD_MS,
  type ModelLine,
  patienceOf,
  type RoutingInput,
  routeClaims,
  type WarmClaimant,
} from './routing.ts';

fc.configureGlobal({ numRuns: 500 });

const NOW = 1_000_000;
const LOAD = 20_000;

/** A line whose id, workflow and key are the same, with one task that has waited for some seconds. */
function line(id: string, seconds: number, rest: Partial<ModelLine> = {}): ModelLine {
  return { id, workflow_id: id, model_key: id, count: 1, since: NOW - seconds * 1000, ...rest };
}

/** A miner that holds models which take 20 s to load. */
const holding = (...keys: string[]): WarmClaimant => ({ warm: keys.map((key) => ({ key, load_ms: LOAD })) });

/** Models that others hold too, all of them idle; a run takes 4 s. */
const known = (holders: Record<string, number>, rest: Partial<KeyKnowledge> = {}) =>
  new Map(
    Object.entries(holders).map(([key, count]) => [
      key,
      { holders: count, busy_ms: 0, run_ms: 4000, load_ms: LOAD, ...rest },
    ]),
  );

const nothing = new Map<string, KeyKnowledge>();

/** For each miner, the line that it takes from; `left` if it leaves what waits to others. */
function whoTakes(
  lines: readonly ModelLine[],
  claimants: readonly WarmClaimant[],
  knowledge: RoutingInput['knowledge'] = nothing,
): (string | undefined)[] {
  const { assignments, leaving } = routeClaims({ lines, claimants, knowledge, now: NOW });
  return claimants.map((_, place) => {
    const own = assignments.find(({ claimant }) => claimant === place);
    return own?.line ?? (leaving.includes(place) ? 'left' : undefined);
  });
}

describe('which task a miner takes', () => {
  test.each([
    ['the one that it holds the models of, though another is older', 30, 'a'],
    ['the other, if that is older by more than two loads', 45, 'b'],
  ])('%s', (_, seconds, expected) => {
    expect(whoTakes([line('a', 0), line('b', seconds)], [holding('a')])).toEqual([expected]);
  });

  test('the head start is as long as the load of its own models takes this miner', () => {
    const claimant = { warm: [{ key: 'a', load_ms: 3000 }] };
    expect(whoTakes([line('a', 0), line('b', 5)], [claimant], known({ a: 1 }))).toEqual(['a']);
    expect(whoTakes([line('a', 0), line('b', 7)], [claimant], known({ a: 1 }))).toEqual(['b']);
  });

  test('one that was passed by for 30 seconds, or for as long as its load takes', () => {
    const passed = (seconds: number) => line('b', 35, { passed_since: NOW - seconds * 1000 });
    expect(whoTakes([line('a', 0), passed(29)], [holding('a')])).toEqual(['a']);
    expect(whoTakes([line('a', 0), passed(30)], [holding('a')])).toEqual(['b']);
    const slow = known({ a: 1, b: 0 }, { load_ms: 32_000 });
    expect(whoTakes([line('a', 0), passed(30)], [holding('a')], slow)).toEqual(['a']);
    expect(whoTakes([line('a', 0), passed(32)], [holding('a')], slow)).toEqual(['b']);
  });

  test('of two that were passed by for too long, the older one, which passes nobody by', () => {
    const lines = [line('b', 40, { passed_since: NOW - 35_000 }), line('c', 50, { passed_since: NOW - 31_000 })];
    expect(whoTakes(lines, [holding('a')])).toEqual(['c']);
  });

  test('a miner that claims ahead goes on with what it runs now, rather than with what it also holds', () => {
    const lines = [line('a', 0), line('b', 15)];
    expect(whoTakes(lines, [{ ...holding('a', 'b'), isAhead: true }])).toEqual(['a']);
    expect(whoTakes(lines, [holding('a', 'b')])).toEqual(['b']);
  });
});

describe('a miner without the models', () => {
  test.each([
    ['leaves a task to an idle one that has them', { a: 1 }, 0, 1, 'left'],
    ['leaves tasks that one miner runs before another has loaded the models', { a: 1 }, 0, 7, 'left'],
    ['takes one of a line that is too long for those that have them', { a: 1 }, 0, 8, 'a'],
    ['counts all that have them', { a: 2 }, 0, 14, 'left'],
    ['counts what those run now', { a: 1 }, 4000, 7, 'a'],
    ['takes one that nobody has the models of', { a: 0 }, 0, 1, 'a'],
  ])('%s', (_, holders, busy_ms, count, expected) => {
    expect(whoTakes([line('a', 1, { count })], [holding('b')], known(holders, { busy_ms }))).toEqual([expected]);
  });

  test('counts what its own load takes, if that is known', () => {
    const claimant = { ...holding('b'), loads: new Map([['a', 1000]]) };
    expect(whoTakes([line('a', 1)], [claimant], known({ a: 1 }))).toEqual(['a']);
  });

  test('leaves nothing if it says nothing of models, or holds none', () => {
    expect(whoTakes([line('a', 1)], [{}], known({ a: 1 }))).toEqual(['a']);
    expect(whoTakes([line('a', 1)], [{ warm: [] }], known({ a: 1 }))).toEqual(['a']);
  });

  test('leaves nothing to miners that do not take it, until one has that loads its models', () => {
    const lines = [line('a', 1, { count: 3, has_takers: false })];
    expect(whoTakes(lines, [holding('b')], known({ a: 1 }))).toEqual(['a']);
    expect(whoTakes(lines, [holding('b'), holding('b')], known({ a: 1 }))).toEqual(['a', 'left']);
  });

  test('leaves nothing if it is not known how long others take', () => {
    expect(whoTakes([line('a', 1)], [holding('b')], new Map([['a', { holders: 1, busy_ms: 0 }]]))).toEqual(['a']);
  });

  test('leaves nothing that was passed by for too long, and is asked again then', () => {
    const routed = (passed_since?: number) =>
      routeClaims({
        lines: [line('a', 60, { passed_since })],
        claimants: [holding('b')],
        knowledge: known({ a: 1 }),
        now: NOW,
      });
    expect(routed()).toMatchObject({ leaving: [0], look_again_at: NOW + 30_000, passed: new Map([['a', NOW]]) });
    expect(routed(NOW - 20_000)).toMatchObject({ leaving: [0], look_again_at: NOW + 10_000 });
    expect(routed(NOW - 30_000)).toMatchObject({ leaving: [], look_again_at: undefined, passed: new Map() });
  });
});

describe('which miner takes a task', () => {
  test.each<[string, WarmClaimant[], Record<string, number>, (string | undefined)[]]>([
    ['the first that holds the models', [holding('b'), holding('a'), holding('a')], {}, [undefined, 'a', undefined]],
    [
      'one that is idle before one that claims ahead',
      [{ ...holding('a'), isAhead: true }, holding('a')],
      {},
      [undefined, 'a'],
    ],
    ['else one that holds nothing', [holding('b'), { warm: [] }], {}, [undefined, 'a']],
    ['else one with room', [holding('b'), { ...holding('b'), slots: 2 }], {}, [undefined, 'a']],
    ['else one that gives up what many hold', [holding('b'), holding('c')], { b: 1, c: 5 }, [undefined, 'a']],
    ['else one that is idle', [{ warm: [], isAhead: true }, holding('b')], {}, [undefined, 'a']],
    ['else the first', [holding('b'), holding('b')], {}, ['a', undefined]],
    ['one that may', [{ ...holding('a'), lines: new Set('b') }, holding('b')], {}, [undefined, 'a']],
  ])('%s', (_, claimants, holders, expected) => {
    expect(whoTakes([line('a', 1)], claimants, known({ a: 0, ...holders }))).toEqual(expected);
  });

  test('a miner that holds what is needed now is spared', () => {
    expect(whoTakes([line('a', 60), line('b', 0)], [holding('b'), holding('c')])).toEqual(['b', 'a']);
  });

  test('miners of one claim know what those before them have got', () => {
    // the first one loads the models, and both of its holders together are fast enough then
    const three = [holding('b'), holding('b'), holding('b')];
    expect(whoTakes([line('a', 1, { count: 9 })], three, known({ a: 1 }))).toEqual(['a', 'left', 'left']);
    // who holds the models is busy then
    const two = [holding('a'), holding('b')];
    expect(whoTakes([line('a', 1, { count: 8 })], two, known({ a: 1 }))).toEqual(['a', 'a']);
    expect(whoTakes([line('a', 1, { count: 7 })], two, known({ a: 1 }))).toEqual(['a', 'left']);
  });
});

describe('a task that is passed by', () => {
  const passed = (lines: ModelLine[], ...claimants: WarmClaimant[]) =>
    routeClaims({ lines, claimants, knowledge: nothing, now: NOW }).passed;

  test('is one that a miner could take, which took a younger one', () => {
    expect(passed([line('a', 0), line('b', 5)], holding('a'))).toEqual(new Map([['b', NOW]]));
    expect(passed([line('a', 6), line('b', 5)], holding('a'))).toEqual(new Map());
    expect(passed([line('a', 0), line('b', 5)], { ...holding('a'), lines: new Set('a') })).toEqual(new Map());
  });

  test('stays so until it is taken', () => {
    const since = NOW - 9000;
    const lines = [line('a', 0), line('b', 5, { count: 2, passed_since: since })];
    expect(passed(lines, holding('a'))).toEqual(new Map([['b', since]]));
    expect(passed(lines)).toEqual(new Map([['b', since]]));
    // the next one is passed by nobody yet
    expect(passed(lines, holding('b'))).toEqual(new Map());
  });
});

test('absurd load times are clamped', () => {
  const said = [undefined, Number.NaN, -5, 20_000, 1e12, Number.POSITIVE_INFINITY];
  expect(said.map(clampLoad)).toEqual([undefined, undefined, 0, 20_000, MAX_LOAD_MS, MAX_LOAD_MS]);
  const claimant = { warm: [{ key: 'a', load_ms: 1e12 }] };
  expect(whoTakes([line('a', 0), line('b', 2 * 300 + 1)], [claimant])).toEqual(['b']);
  expect(patienceOf({ holders: 0, busy_ms: 0, load_ms: 1e12 })).toBe(MAX_LOAD_MS);
});

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const key = fc.constantFrom(...KEYS);
const claimant = fc.record<WarmClaimant>(
  {
    warm: fc.uniqueArray(fc.record({ key, load_ms: fc.option(fc.nat(60_000), { nil: undefined }) }), {
      selector: (held) => held.key,
      maxLength: 3,
    }),
    lines: fc.subarray(KEYS).map((ids) => new Set(ids)),
    slots: fc.nat(3),
    isAhead: fc.boolean(),
  },
  { requiredKeys: [] },
);
const lines = fc.subarray(KEYS).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.record<ModelLine>(
        {
          id: fc.constant(id),
          workflow_id: fc.constant(id),
          model_key: fc.constant(id),
          count: fc.nat(4),
          since: fc.integer({ min: NOW - 90_000, max: NOW + 10 }),
          has_takers: fc.boolean(),
          passed_since: fc.option(fc.integer({ min: NOW - 60_000, max: NOW }), { nil: undefined }),
        },
        { requiredKeys: ['id', 'workflow_id', 'count', 'since'] },
      ),
    ),
  ),
);
const knowledge = fc
  .array(
    fc.tuple(
      key,
      fc.record<KeyKnowledge>(
        { holders: fc.nat(4), busy_ms: fc.nat(60_000), run_ms: fc.nat(60_000), load_ms: fc.nat(60_000) },
        { requiredKeys: ['holders', 'busy_ms'] },
      ),
    ),
  )
  .map((entries) => new Map(entries));
const input = fc.record<RoutingInput>({
  lines,
  claimants: fc.array(claimant, { maxLength: 6 }),
  knowledge,
  now: fc.constant(NOW),
});

const mayTake = ({ lines: own }: WarmClaimant, id: string) => own?.has(id) ?? true;

describe('whatever is known', () => {
  test('nobody gets two tasks, one that it may not take, or one that is not there', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { assignments } = routeClaims(given);
        const places = assignments.map((each) => each.claimant);
        expect(new Set(places).size).toBe(places.length);
        for (const each of assignments) expect(mayTake(given.claimants[each.claimant]!, each.line)).toBe(true);
        for (const { id, count } of given.lines)
          expect(assignments.filter((each) => each.line === id).length).toBeLessThanOrEqual(count);
      }),
    );
  });

  test('whoever gets nothing leaves it to others, and is asked again, or there is nothing for it', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { assignments, leaving, look_again_at } = routeClaims(given);
        const taken = (id: string) => assignments.filter((each) => each.line === id).length;
        for (const [place, each] of given.claimants.entries()) {
          if (assignments.some((one) => one.claimant === place)) continue;
          const isSomethingLeft = given.lines.some(({ id, count }) => count > taken(id) && mayTake(each, id));
          expect(leaving.includes(place)).toBe(isSomethingLeft);
        }
        if (leaving.length) expect(look_again_at).toBeGreaterThan(NOW);
        else expect(look_again_at).toBeUndefined();
      }),
    );
  });

  test('nobody passes by a task that was passed by for too long', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { assignments, leaving } = routeClaims(given);
        const sinceOf = new Map(given.lines.map(({ id, since }) => [id, since]));
        for (const { id, model_key, count, since, passed_since } of given.lines) {
          const patience = patienceOf(model_key === undefined ? undefined : given.knowledge.get(model_key));
          if (!count || passed_since === undefined || NOW < passed_since + patience) continue;
          if (assignments.some((each) => each.line === id)) continue;
          for (const each of assignments)
            if (mayTake(given.claimants[each.claimant]!, id)) expect(sinceOf.get(each.line)).toBeLessThanOrEqual(since);
          expect(leaving.some((place) => mayTake(given.claimants[place]!, id))).toBe(false);
        }
      }),
    );
  });

  test('without knowledge of models, workflows take turns as before', () => {
    const without = fc.constantFrom<('model_key' | 'warm')[]>(['model_key'], ['warm'], ['model_key', 'warm']);
    fc.assert(
      fc.property(input, without, (given, missing) => {
        const plain = given.lines.map((each) => ({ ...each, passed_since: undefined }));
        const shares = routeClaims({
          lines: missing.includes('model_key') ? plain.map((each) => ({ ...each, model_key: undefined })) : plain,
          claimants: given.claimants.map(({ warm }) => (missing.includes('warm') ? {} : { warm })),
          knowledge: given.knowledge,
          now: NOW,
        }).assignments;
        const counts = Map.groupBy(shares, (each) => each.line);
        expect(new Map([...counts].map(([id, own]) => [id, own.length]))).toEqual(
          shareClaims(plain, given.claimants.length),
        );
      }),
    );
  });

  test('with one workflow, every task that somebody asks for is handed out', () => {
    const warm = fc.constantFrom(undefined, [], [{ key: 'a', load_ms: LOAD }]);
    fc.assert(
      fc.property(fc.nat(5), fc.array(fc.record({ warm }), { maxLength: 5 }), knowledge, (count, claimants, facts) => {
        const { assignments } = routeClaims({
          lines: [line('a', 1, { count })],
          claimants,
          knowledge: facts,
          now: NOW,
        });
        expect(assignments.length).toBe(Math.min(count, claimants.length));
      }),
    );
  });
});
