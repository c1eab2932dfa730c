import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import type { Artifacts } from '../files/artifacts.ts';
import type { Attempts } from './attempts.ts';
import type { LiveMiners } from './live-miners.ts';
import type { Previews } from './previews.ts';
import type { Retention } from './retention.ts';
import type { Tasks } from './tasks.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** How often expired leases, overdue tasks and due webhooks are looked for. */
const SWEEP_MS = 500;
/** How often data that is no longer needed is deleted. */
const TIDY_MS = 60_000;

/** What the background work needs. */
export interface SweepOptions {
  tasks: Tasks;
  attempts: Attempts;
  miners: LiveMiners;
  previews: Previews;
  retention: Retention;
  artifacts: Artifacts;
  webhooks: Webhooks;
  leaseSeconds: number;
  logger: Logger;
  /** Ends the sweeps. */
  closing: AbortSignal;
  clock?: Clock;
}

/** Sweeps until the sequencer closes. Resolves when the last sweep is over. */
export async function keepSweeping(options: SweepOptions): Promise<void> {
  const { tasks, attempts, leaseSeconds, logger, closing, clock = systemClock } = options;
  // no heartbeat could arrive while the sequencer was down: each miner gets a whole lease to send one
  const graceEnds = clock.now() + leaseSeconds * 1000;
  const report = ({ message }: Error) => logger.error('sweep failed', { message });
  while (!closing.aborted) {
    if (clock.now() > graceEnds) await attempts.failExpired(leaseSeconds).catch(report);
    await tasks.failOverdue().catch(report);
    await clock.sleep(SWEEP_MS, closing);
  }
}

/** Deletes old data until the sequencer closes. Apart from the sweeps: a million old tasks must not delay expired leases. */
export async function keepTidying(options: SweepOptions): Promise<void> {
  const { miners, previews, retention, artifacts, logger, closing, clock = systemClock } = options;
  const report = ({ message }: Error) => logger.error('tidying failed', { message });
  while (!closing.aborted) {
    await artifacts.checkStore().catch(({ message }: Error) => logger.error('storage failed', { message }));
    await Promise.all([miners.sweep(), previews.sweep(), retention.sweep(closing)]).catch(report);
    await clock.sleep(TIDY_MS, closing);
  }
}

/** Sends webhooks until the sequencer closes. Apart from the sweeps: a slow receiver must not delay expired leases. */
export async function keepDelivering(options: SweepOptions): Promise<void> {
  const { webhooks, logger, closing, clock = systemClock } = options;
  while (!closing.aborted) {
    await webhooks.deliverDue().catch(({ message }: Error) => logger.error('webhooks failed', { message }));
    await clock.sleep(SWEEP_MS, closing);
  }
}
