import { createRandom } from '@heurist/test-servers/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowanceOf, judge, peersDoubt, type Standing, shareWork, type Verdict } from './standing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 1_700_000_000_000;

/** The standing after some verdicts, one each second, while nobody else is doubted. */
function after(verdicts: Verdict[], from?: Standing, now = START, peers = 0): Standing {
  return verdicts.reduce<Standing | undefined>(
    (standing, verdict, second) => judge(standing, verdict, peers, now + second * 1000),
    from,
  )!;
}
const repeat = (count: number, ...verdicts: Verdict[]) => Array.from({ length: count }, () => verdicts).flat();
const isPaused = ({ pausedUntil }: Standing) => pausedUntil > 0;

describe('who is put aside', () => {
  test('a miner whose tasks others finish, after five in a row', () => {
    expect(isPaused(after(repeat(4, 'failed', 'disproved')))).toBe(false);
    expect(isPaused(after(repeat(5, 'failed', 'disproved')))).toBe(true);
  });

  test('five failures are enough if one of them is disproved', () => {
    const suspected = after(repeat(9, 'failed'));
    expect([isPaused(suspected), allowanceOf(suspected, 0, START)]).toEqual([false, 1]);
    expect(isPaused(after(['disproved'], suspected))).toBe(true);
    // not if the others are as bad, or there are none
    expect(allowanceOf(suspected, 9, START)).toBe(Number.POSITIVE_INFINITY);
    expect(shareWork([{ miner_id: 'alone', standing: suspected }], START).get('alone')).toBe(Number.POSITIVE_INFINITY);
  });

  test('nobody for tasks that nobody can finish', () => {
    expect(isPaused(after(repeat(50, 'failed', 'excused')))).toBe(false);
    expect(isPaused(after(repeat(50, 'failed')))).toBe(false);
  });

  test('nobody who fails as often as the others', () => {
    expect(isPaused(after(repeat(20, 'failed', 'disproved'), undefined, START, 12))).toBe(false);
    // nor one who is alone
    expect(isPaused(after(repeat(20, 'failed', 'disproved'), undefined, START, peersDoubt([], START)))).toBe(false);
  });

  test('what is worked off is not disproved later', () => {
    const late = after([...repeat(9, 'failed'), ...repeat(20, 'finished'), ...repeat(9, 'disproved')]);
    expect(isPaused(late)).toBe(false);
    expect(late).toMatchObject({ doubt: 0, proven: 0 });
  });

  test('one that fails a third of its tasks is not, one that fails half is', () => {
    expect(isPaused(after(repeat(200, 'failed', 'disproved', 'finished', 'finished', 'finished')))).toBe(false);
    expect(isPaused(after(repeat(200, 'failed', 'disproved', 'finished')))).toBe(true);
  });
});

describe('pauses', () => {
  const bad = repeat(5, 'failed', 'disproved');
  const first = after(bad);

  test('grow from one minute to half an hour', () => {
    let standing = first;
    const lengths: number[] = [standing.pausedUntil - START - 8000];
    for (let pause = 1; pause < 8; pause++) {
      const now = standing.pausedUntil;
      standing = after(['failed', 'disproved'], standing, now);
      lengths.push(standing.pausedUntil - now - 1000);
    }
    expect(lengths.map((ms) => ms / MINUTE)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test('end with one task, and then twice as many with each that is finished', () => {
    let now = first.pausedUntil - 1;
    expect(allowanceOf(first, 0, now)).toBe(0);
    now++;
    const allowed: number[] = [];
    let standing = first;
    for (let count = 0; count < 6; count++) {
      allowed.push(allowanceOf(standing, 0, now));
      standing = judge(standing, 'finished', 0, now);
    }
    expect(allowed).toEqual([1, 2, 4, 8, 16, Number.POSITIVE_INFINITY]);
  });

  test('a failure on the way back takes a place until it is judged', () => {
    const now = first.pausedUntil;
    const probing = judge(first, 'failed', 0, now);
    expect(allowanceOf(probing, 0, now)).toBe(0);
    expect(allowanceOf(judge(probing, 'excused', 0, now), 0, now)).toBe(1);
    expect(allowanceOf(probing, 0, now + 10 * MINUTE)).toBe(1);
    expect(judge(probing, 'disproved', 0, now).pauses).toBe(2);
  });

  test('old failures do not end a comeback', () => {
    // disproved during the pause, or after it
    const disproved = after(repeat(3, 'disproved'), first, first.pausedUntil + 1);
    expect([disproved.pauses, allowanceOf(disproved, 0, first.pausedUntil + 1)]).toEqual([1, 1]);
  });

  test('tasks that were claimed before a pause do not shorten it', () => {
    const standing = after(repeat(3, 'finished'), first, first.pausedUntil - MINUTE / 2);
    expect(standing).toMatchObject({ finished: 0, pausedUntil: first.pausedUntil });
  });

  test('are forgotten after a hundred tasks, or a day', () => {
    const good = after(repeat(100, 'finished'), first, first.pausedUntil);
    expect(good.pauses).toBe(0);
    expect(judge(first, 'failed', 0, first.pausedUntil + 25 * HOUR)).toMatchObject({ pauses: 0, doubt: 2 });
    expect(judge(first, 'failed', 0, first.pausedUntil + HOUR)).toMatchObject({ pauses: 1, doubt: 2 });
  });
});

describe('who gets the work', () => {
  const paused = (pauses: number, pausedUntil: number): Standing => ({ ...after(['failed']), pauses, pausedUntil });

  test('all but those that are put aside', () => {
    const candidates = [
      { miner_id: 'good', standing: undefined },
      { miner_id: 'bad', standing: paused(1, START + 1) },
    ];
    expect([...shareWork(candidates, START)]).toEqual([
      ['good', Number.POSITIVE_INFINITY],
      ['bad', 0],
    ]);
  });

  test('the least bad one, if there is no other', () => {
    const candidates = [
      { miner_id: 'worse', standing: paused(3, START + 1) },
      { miner_id: 'better', standing: paused(1, START + 9) },
    ];
    expect([...shareWork(candidates, START)]).toEqual([
      ['worse', 0],
      ['better', Number.POSITIVE_INFINITY],
    ]);
  });
});

/** A network in which miners fail tasks with some probability; each task is tried at up to three of them. */
function simulate(failRates: number[], seed: number, { isDropping = false } = {}) {
  const standings: (Standing | undefined)[] = failRates.map(() => undefined);
  const pauses = failRates.map(() => 0);
  let now = START;
  const random = createRandom(seed);
  let starved = 0;
  let finishedCount = 0;
  const give = (miner: number, verdict: Verdict) => {
    const others = standings.filter((_, other) => other !== miner);
    const next = judge(standings[miner], verdict, peersDoubt(others, now), now);
    if (next.pausedUntil > (standings[miner]?.pausedUntil ?? 0)) pauses[miner]!++;
    standings[miner] = next;
  };
  for (let task = 0; task < 400; task++) {
    now += isDropping ? 6000 : 1000;
    const failed: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const candidates = failRates.map((_, miner) => ({ miner_id: `${miner}`, standing: standings[miner] }));
      const open = [...shareWork(candidates, now)]
        .filter(([, share]) => share > 0)
        .map(([miner_id]) => Number(miner_id));
      if (!open.length) starved++;
      const fresh = open.filter((miner) => !failed.includes(miner));
      if (!fresh.length) break;
      const miner = fresh[Math.floor(random() * fresh.length)]!;
      if (random() < failRates[miner]!) {
        if (failed.length) give(failed[0]!, 'excused');
        else give(miner, 'failed');
        failed.push(miner);
        if (failed.length === 2) break;
      } else {
        finishedCount++;
        for (const other of failed) give(other, 'disproved');
        if (standings[miner]) give(miner, 'finished');
        break;
      }
    }
  }
  return { pauses, starved, finishedCount };
}

describe('random networks', () => {
  const seeds = fc.nat(2 ** 32 - 1);
  const honest = fc.array(fc.double({ min: 0, max: 0.03, noNaN: true }), { minLength: 2, maxLength: 6 });

  test('honest miners with rare failures are never put aside, beside one that fails everything', () => {
    fc.assert(
      fc.property(honest, seeds, fc.boolean(), (rates, random, isDropping) => {
        const { pauses, starved } = simulate([1, ...rates], random, { isDropping });
        expect(pauses.slice(1)).toEqual(rates.map(() => 0));
        expect(pauses[0]).toBeGreaterThan(0);
        expect(starved).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('a workflow that fails everywhere puts nobody aside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), seeds, (count, random) => {
        const { pauses } = simulate(new Array<number>(count).fill(1), random);
        expect(Math.max(...pauses)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('the network never starves, whatever the miners do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        seeds,
        (rates, random) => {
          expect(simulate(rates, random).starved).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
