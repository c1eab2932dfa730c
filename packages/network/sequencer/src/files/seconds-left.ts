/** How much was free at a moment. */
export interface Sample {
  /** Milliseconds. */
  at: number;
  freeBytes: number;
}

/** A shorter time says little about days. */
const LEAST_MS = 30 * 60_000;

/**
 * When what is free now is used up, at the pace since the oldest sample.
 *
 * @returns seconds; `undefined` if it does not get less, or the samples are too young
 */
export function secondsLeft([oldest]: readonly Sample[], now: Sample): number | undefined {
  if (!oldest || now.at - oldest.at < LEAST_MS) return undefined;
  const used = oldest.freeBytes - now.freeBytes;
  if (used <= 0) return undefined;
  return (now.freeBytes / used) * ((now.at - oldest.at) / 1000);
}
