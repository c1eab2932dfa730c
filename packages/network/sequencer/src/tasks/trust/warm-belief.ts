// Whether a miner is believed when it says that it holds models: pure.
import type { KeyKnowledge } from '../warm/knowledge.ts';

/** What is known of the runs with a model, to judge one by. */
export type UsualRun = Pick<KeyKnowledge, 'load_ms'> & {
  /** Three of four runs take no longer, without their loads. */
  slow_ms?: number | undefined;
};

/** A run of a miner that said that it held the models. */
export interface WarmRun {
  /** From the claim to the end, without the upload, by the clock of the network. */
  held_ms: number;
  /** How long models were loaded, as the miner says. */
  load_ms: number | null;
}

/** A load below this is lost in the noise of runs. */
const LEAST_LOAD_MS = 1000;
/** A run counts as cold if it takes longer than slow ones by this share of a load. */
const COLD_SHARE = 0.5;
/** What a cold run adds to the doubt, and a warm one takes away: who is warm two times of three is believed. */
const COLD = 2;
const WARM = -1;
/** From here on a miner is not believed: four cold runs in a row. */
export const DOUBTED = 8;

/** How one run changes the doubt in its miner; 0 if it cannot be judged. */
export function judgeWarmRun({ held_ms, load_ms }: WarmRun, usual: UsualRun | undefined): number {
  const load = usual?.load_ms;
  if (load === undefined || load < LEAST_LOAD_MS) return 0;
  if ((load_ms ?? 0) > load * COLD_SHARE) return COLD;
  if (usual?.slow_ms === undefined) return 0;
  return held_ms > usual.slow_ms + load * COLD_SHARE ? COLD : WARM;
}
