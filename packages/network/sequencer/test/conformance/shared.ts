// The sequencer that all files of the suite share.
import { type Network, startNetwork } from '../support/network.ts';
import { SkipClock } from '../support/skip-clock.ts';

export const LEASE_SECONDS = 6;

/** Its clock, which tests may set forward. */
export const clock = new SkipClock();
/** What it has logged. */
export const logged: string[] = [];
export let network: Network;
/** Key of a miner that offers nothing. */
let janitor: string | undefined;

export async function startShared(location: string | undefined, isStepwise: boolean): Promise<void> {
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  logged.length = 0;
  janitor = undefined;
  network = await startNetwork({
    location,
    isStepwise,
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

/** Miners of earlier tests are gone, except some: a task that fails would wait for one of them. */
export async function forgetMiners(...except: string[]): Promise<void> {
  await network.database.query('DELETE FROM heurist.miner WHERE miner_id <> ALL($1)', [except]);
  janitor ??= await network.sequencer.createKey('miner', 'janitor');
  // what a miner says anew clears the cached list; this one offers nothing
  await network.call('miner_request', { workflow_ids: ['none'], lacks: {} }, janitor);
}
