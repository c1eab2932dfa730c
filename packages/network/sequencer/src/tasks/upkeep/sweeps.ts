import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import { messageWithAdvice } from '@heurist/server-kit/unknown-authority';
import type { Keys } from '../../access/keys/keys.ts';
import type { Audit } from '../../access/operators/audit.ts';
import type { Sessions } from '../../access/sessions/sessions.ts';
import type { SharedClock } from '../../database/shared-clock.ts';
import type { WriteProbe } from '../../database/write-probe.ts';
import type { Artifacts } from '../../files/artifacts.ts';
import type { StorageRoom } from '../../files/storage-room.ts';
import type { StoredFiles } from '../../files/stored-files.ts';
import type { Attempts } from '../attempts.ts';
import type { LiveMiners } from '../live-miners.ts';
import type { Previews } from '../previews.ts';
import type { Tasks } from '../tasks.ts';
import type { Standings } from '../trust/standings.ts';
import type { Fleet } from '../warm/fleet.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { Retention } from './retention.ts';

/** How often expired leases, overdue tasks and due webhooks are looked for. */
const SWEEP_MS = 500;
/** A database that takes longer to answer was away, or busy enough to keep heartbeats waiting. */
const AWAY_MS = 1000;
/** How far the clock of this machine may be off before the log says it. */
const MAX_SKEW_SECONDS = 10;
/** How often data that is no longer needed is deleted. */
const TIDY_MS = 60_000;
/** The same while old tasks are left: other tidying has had its turn. */
const TIDY_AGAIN_MS = 1000;

/** What the background work needs. */
export interface SweepOptions {
  sharedClock: SharedClock;
  tasks: Tasks;
  attempts: Attempts;
  /** Resolves with how many tasks it repaired. */
  repairStrays: () => Promise<number>;
  /** Deletes jobs of tasks that ended. Resolves with whether more may be left. */
  deleteJobs: (signal: AbortSignal) => Promise<boolean>;
  miners: LiveMiners;
  standings: Pick<Standings, 'sweep'>;
  fleet: Pick<Fleet, 'sweep'>;
  sessions: Pick<Sessions, 'sweep'>;
  keys: Pick<Keys, 'sweep'>;
  audit: Pick<Audit, 'sweep'>;
  previews: Previews;
  retention: Retention;
  /** Counts tasks for whoever asks how many there are. */
  keepCounts: () => Promise<void>;
  storedFiles: Pick<StoredFiles, 'count'>;
  storageRoom: Pick<StorageRoom, 'sample'>;
  artifacts: Artifacts;
  writeProbe: Pick<WriteProbe, 'check'>;
  webhooks: Webhooks;
  leaseSeconds: number;
  logger: Logger;
  /** Ends the sweeps. */
  closing: AbortSignal;
  clock?: Clock;
}

/** Sweeps until the sequencer closes. Resolves when the last sweep is over. */
export async function keepSweeping(options: SweepOptions): Promise<void> {
  const { sharedClock, tasks, attempts, leaseSeconds, logger, closing, clock = systemClock } = options;
  const grace = createGrace(leaseSeconds * 1000, clock);
  const report = ({ message }: Error) => {
    grace.renew();
    logger.error('sweep failed', { message });
  };
  while (!closing.aborted) {
    grace.beginSweep();
    // often, since the clock of a machine may jump; if it fails, so does what follows
    await sharedClock.sync().catch(() => {});
    await attempts.failExpired(leaseSeconds, grace.isOver).catch(report);
    await tasks.failOverdue().catch(report);
    await clock.sleep(SWEEP_MS, closing);
  }
}

/**
 * No heartbeat can arrive while the sequencer is down, or its database away, which a sweep sees by an error or a late
 * answer. Each miner then gets a whole lease to send one, so that an outage costs no task an attempt.
 */
function createGrace(leaseMs: number, clock: Clock) {
  let ends = clock.now() + leaseMs;
  let sweepBegan = clock.now();
  const renew = () => {
    ends = clock.now() + leaseMs;
  };
  return {
    renew,
    beginSweep() {
      sweepBegan = clock.now();
    },
    isOver(): boolean {
      const now = clock.now();
      // more than a lease is left only if the clock was set back
      if (now - sweepBegan > AWAY_MS || ends - now > leaseMs) renew();
      return now > ends;
    },
  };
}

/** Deletes old data until the sequencer closes. Apart from the sweeps: a million old tasks must not delay expired leases. */
export async function keepTidying(options: SweepOptions): Promise<void> {
  const { miners, standings, fleet, keys, audit, sessions, previews } = options;
  const { retention, artifacts, writeProbe, storedFiles, storageRoom } = options;
  const { logger, closing, clock = systemClock } = options;
  const report = ({ message }: Error) => logger.error('tidying failed', { message });
  while (!closing.aborted) {
    let isBehind = false;
    const note = (hasMore: boolean) => {
      isBehind ||= hasMore;
    };
    await warnOfSkew(options).catch(report);
    // before what may take long at a start
    await options.keepCounts().catch(report);
    await options.repairStrays().then((count) => {
      if (count) logger.warn('tasks without their jobs were repaired', { count });
    }, report);
    // it logs what it finds
    await writeProbe.check().catch(() => {});
    await artifacts
      .checkStore()
      .catch((error) => logger.error('storage failed', { message: messageWithAdvice(error) }));
    // first: what is deleted next depends on it
    await storedFiles.count().catch(report);
    await Promise.all([
      storageRoom.sample(),
      miners.sweep(),
      standings.sweep(),
      fleet.sweep(),
      sessions.sweep(),
      keys.sweep(),
      audit.sweep(closing),
      previews.sweep(),
      options.deleteJobs(closing).then(note),
      retention.sweep(closing).then(note),
    ]).catch(report);
    await clock.sleep(isBehind ? TIDY_AGAIN_MS : TIDY_MS, closing);
  }
}

/** Replicas go by the clock of the database. One of both is wrong, and receivers of webhooks refuse times that are. */
async function warnOfSkew({ sharedClock, logger }: SweepOptions): Promise<void> {
  const skew = (await sharedClock.sync()) / 1000;
  if (Math.abs(skew) > MAX_SKEW_SECONDS)
    logger.warn('the clock of this machine differs from that of the database', { seconds: Math.round(skew) });
}

/**
 * Sends webhooks until the sequencer closes. Apart from the sweeps, and not one batch after the other: a slow receiver must delay
 * neither expired leases nor others' webhooks.
 */
export async function keepDelivering(options: SweepOptions): Promise<void> {
  const { webhooks, logger, closing, clock = systemClock } = options;
  const running = new Set<Promise<void>>();
  const report = ({ message }: Error) => logger.error('webhooks failed', { message });
  async function deliverAll(): Promise<void> {
    while (!closing.aborted && (await webhooks.deliverDue()) > 0);
  }
  while (!closing.aborted) {
    const delivering = deliverAll()
      .catch(report)
      .finally(() => running.delete(delivering));
    running.add(delivering);
    await clock.sleep(SWEEP_MS, closing);
  }
  await Promise.all(running);
}
