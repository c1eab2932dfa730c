import type { Miner } from '@heurist/miner';
import { sleep } from '@heurist/server-kit/sleep';

/** How long giving a task back may take. */
const GIVE_BACK_MS = 2000;

/** Stops a miner once its task has ended, or gives the task back after `withinMs`. */
export async function stopMiner(miner: Miner, withinMs: number | undefined): Promise<void> {
  const stopped = miner.stop();
  if (withinMs === undefined) return await stopped;
  if (await isDoneWithin(stopped, withinMs)) return;
  // the engine may be in the middle of a long step: then the lease of the task runs out
  await isDoneWithin(miner.stop({ giveBack: true }), GIVE_BACK_MS);
}

async function isDoneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  const waited = new AbortController();
  const late = sleep(ms, waited.signal).then(() => false);
  const isDone = await Promise.race([done.then(() => true), late]);
  waited.abort();
  return isDone;
}
