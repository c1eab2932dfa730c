// The sequencer that all files of the suite share.
import { type Network, startNetwork } from '../support/network.ts';
import { SkipClock } from '../support/skip-clock.ts';

export const LEASE_SECONDS = 6;

/** Its clock, which tests may set forward. */
export const clock = new SkipClock();
/** What it has logged. */
export const logged: string[] = [];
export let network: Network;

export async function startShared(location: string | undefined): Promise<void> {
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  network = await startNetwork({
    location,
    clock,
    leaseSeconds: LEASE_SECONDS,
    maxAttempts: 3,
    minerGraceSeconds: 3600,
    allowLegacyMiners: true,
    allowPrivateWebhooks: true,
    logger: { info: log, warn: log, error: log },
  });
  // the grace after a start is over
  clock.skip(LEASE_SECONDS * 1000);
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
