import { TaskAbortedError, TaskTimeoutError } from '../wire/errors.ts';
import type { CallOptions } from '../wire/transport.ts';
import type { Budget } from './budget.ts';

/** The longest that a cancel goes on in the background, in milliseconds. */
const CANCEL_MS = 5000;

/**
 * Cancels the task of a wait that was given up, or leaves it. A submit that was cut off is sent once more with its `job_id`, which
 * finds the task. A timeout or abort gets the promise of what becomes of it.
 */
export function abandon(
  error: unknown,
  budget: Budget,
  onAbort: 'cancel' | 'leave',
  cancel: (task_id: string, options: CallOptions) => Promise<unknown>,
  limitMs: number = CANCEL_MS,
): void {
  const givenUp = TaskTimeoutError.isInstance(error) || TaskAbortedError.isInstance(error) ? error : undefined;

  async function settle() {
    const { task_id, find, doubts } = budget;
    if (!task_id && !doubts) return { outcome: 'not_submitted' } as const;
    if (onAbort === 'leave') return { outcome: 'left' } as const;
    const options = { signal: AbortSignal.timeout(limitMs), timeout: limitMs / 2, retries: Number.POSITIVE_INFINITY };
    try {
      budget.task_id ??= await find?.(options);
      if (givenUp) givenUp.task_id = budget.task_id;
      await cancel(budget.task_id as string, options);
      return { outcome: 'canceled' } as const;
    } catch (cause) {
      return { outcome: 'unknown', cause } as const;
    }
  }
  const cancellation = settle();
  if (givenUp) givenUp.cancellation = cancellation;
}
