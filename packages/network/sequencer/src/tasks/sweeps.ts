import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import type { Attempts } from './attempts.ts';
import type { LiveMiners } from './live-miners.ts';
import type { Previews } from './previews.ts';
import type { Retention } from './retention.ts';
import type { Tasks } from './tasks.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** How often expired leases, overdue tasks and due webhooks are looked for. */
const SWEEP_MS = 500;
/** Data that is no longer needed is deleted in every 120th sweep: once a minute. */
const TIDY_EVERY = 120;

/** What the background work needs. */
export interface SweepOptions {
  tasks: Tasks;
  attempts: Attempts;
  miners: LiveMiners;
  previews: Previews;
  retention: Retention;
  webhooks: Webhooks;
  leaseSeconds: number;
  logger: Logger;
  /** Ends the sweeps. */
  closing: AbortSignal;
  clock?: Clock;
}

/** Sweeps until the sequencer closes. Resolves when the last sweep is over. */
export async function keepSweeping(options: SweepOptions): Promise<void> {
  const { tasks, attempts, miners, previews, retention, leaseSeconds, logger, closing, clock = systemClock } = options;
  // no heartbeat could arrive while the sequencer was down: each miner gets a whole lease to send one
  const graceEnds = clock.now() + leaseSeconds * 1000;
  const report = ({ message }: Error) => logger.error('sweep failed', { message });
  for (let round = 0; !closing.aborted; round++) {
    if (clock.now() > graceEnds) await attempts.failExpired(leaseSeconds).catch(report);
    await tasks.failOverdue().catch(report);
    if (round % TIDY_EVERY === 0)
      await Promise.all([miners.sweep(), previews.sweep(), retention.sweep()]).catch(report);
    await clock.sleep(SWEEP_MS, closing);
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
