import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Sql } from './database.ts';

/** A smaller difference is as likely the time that the question took: the clock must not jitter. */
const TOLERANCE_MS = 250;

/**
 * The time of the database, which all replicas share. Whatever one replica writes or signs and another one compares with the
 * time takes it from here; what only measures how long something takes in this process uses its own clock.
 */
export interface SharedClock extends Clock {
  /** Asks the database what time it is. Returns by how many milliseconds the clock of this machine is ahead of it. */
  sync(): Promise<number>;
}

/** @throws {Error} if the database does not answer: without it a clock that is off would go unnoticed */
export async function createSharedClock(sql: Sql, clock: Clock = systemClock): Promise<SharedClock> {
  let aheadMs = 0;
  const shared: SharedClock = {
    now: () => clock.now() - aheadMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    async sync() {
      const before = clock.now();
      const query = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now';
      const [row] = await sql.query<{ now: number }>(query);
      const after = clock.now();
      const measured = (before + after) / 2 - row!.now;
      // the answer is of some moment in between
      const doubt = TOLERANCE_MS + Math.abs(after - before) / 2;
      if (Math.abs(measured - aheadMs) > doubt) aheadMs = Math.round(measured);
      return measured;
    },
  };
  await shared.sync();
  return shared;
}
