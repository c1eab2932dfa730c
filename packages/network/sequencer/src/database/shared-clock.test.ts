import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import type { Sql } from './database.ts';
import { createSharedClock } from './shared-clock.ts';

const NOON = 1_700_000_000_000;

/** A machine, and a database whose clock shows something else. The answer takes `tripMs`, half of it before the look. */
function machine(aheadMs: number) {
  const clock = new FakeClock(NOON + aheadMs);
  const state = { ahead: aheadMs, tripMs: 0 };
  const sql = {
    async query() {
      await clock.advance(state.tripMs / 2);
      const now = clock.now() - state.ahead;
      await clock.advance(state.tripMs / 2);
      return [{ now }];
    },
  } as unknown as Sql;
  return { clock, sql, state };
}

test.each([0, 20, -20])('the clock of a machine that is %i minutes ahead is corrected', async (minutes) => {
  const { clock, sql } = machine(minutes * 60_000);
  const shared = await createSharedClock(sql, clock);
  expect(shared.now()).toBe(NOON);
  await clock.advance(90_000);
  expect(shared.now()).toBe(NOON + 90_000);
  expect(await shared.sync()).toBe(minutes * 60_000);
});

test('a clock that jumps is corrected at the next look, one that drifts when it matters', async () => {
  const { clock, sql, state } = machine(0);
  const shared = await createSharedClock(sql, clock);
  await clock.advance(1_200_000);
  state.ahead += 1_200_000;
  expect(shared.now()).toBe(NOON + 1_200_000);
  await shared.sync();
  expect(shared.now()).toBe(NOON);
  state.ahead -= 250;
  expect(await shared.sync()).toBe(1_199_750);
  expect(shared.now()).toBe(NOON);
  state.ahead -= 1;
  await shared.sync();
  expect(shared.now()).toBe(NOON + 251);
});

test('an answer that takes long does not move a clock that is right', async () => {
  const { clock, sql, state } = machine(0);
  const shared = await createSharedClock(sql, clock);
  state.tripMs = 8000;
  state.ahead = 3000;
  await shared.sync();
  expect(shared.now()).toBe(clock.now());
});
