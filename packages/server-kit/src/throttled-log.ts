import { type Clock, systemClock } from './clock.ts';
import type { Logger } from './logger.ts';

/** Kinds of lines that are remembered at most. */
const MAX_KINDS = 100;

/**
 * Writes lines that may come hundreds of times a second: each kind once per interval, with how often it came since then.
 *
 * @param everyMs - the interval, in milliseconds. Default one minute
 * @returns takes `kind`, which tells lines apart, and the line
 */
export function createThrottledLog(
  write: Logger['warn'],
  clock: Clock = systemClock,
  everyMs = 60_000,
): (kind: string, message: string, fields?: Record<string, unknown>) => void {
  const kinds = new Map<string, { at: number; times: number }>();
  return (kind, message, fields) => {
    const now = clock.now();
    const last = kinds.get(kind);
    const age = now - (last?.at ?? Number.NEGATIVE_INFINITY);
    if (last && age >= 0 && age < everyMs) {
      last.times++;
      return;
    }
    kinds.delete(kind);
    if (kinds.size >= MAX_KINDS) kinds.delete(kinds.keys().next().value ?? '');
    kinds.set(kind, { at: now, times: 0 });
    write(message, { ...fields, ...(last?.times && { more: last.times }) });
  };
}
