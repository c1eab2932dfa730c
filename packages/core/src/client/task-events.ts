import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { HeuristError } from '../wire/errors.ts';
import { taskResultSchema, type WorkflowTaskResult } from '../wire/task-result.ts';
import { readEvents } from './event-stream.ts';

/** The event stream of a task. Events may be late or missing, so the poll decides. */
export interface TaskEvents {
  /** Whether events are arriving, so that polls can be rare. */
  readonly isLive: boolean;
  /** Resolves with the next event, or `undefined` after `ms` milliseconds or on abort. */
  next(ms: number): Promise<WorkflowTaskResult | undefined>;
}

const RETRY = { firstMs: 500, maxMs: 30_000 };

/**
 * Follows a task's events until the signal fires, and reconnects when the stream breaks. A sequencer that does not know the
 * call is asked once.
 */
export function followEvents(
  open: (signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
  clock: Clock = systemClock,
): TaskEvents {
  const received: WorkflowTaskResult[] = [];
  let isLive = false;
  let wake = () => {};

  async function follow() {
    const { body } = await open(signal);
    if (!body) return;
    for await (const event of readEvents(body)) {
      const parsed = taskResultSchema.safeParse(event);
      if (!parsed.success) continue;
      isLive = true;
      received.push(parsed.data);
      wake();
    }
  }

  async function keepFollowing() {
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (HeuristError.isInstance(error) && !error.isRetryable) return;
      }
      // a stream that worked is worth another try soon
      if (isLive) backoff.reset();
      isLive = false;
      await clock.sleep(backoff.next(), signal);
    }
  }
  void keepFollowing();
  signal.addEventListener('abort', () => wake(), { once: true });

  return {
    get isLive() {
      return isLive;
    },
    async next(ms) {
      if (!received.length && !signal.aborted) {
        const wait = new AbortController();
        wake = () => wait.abort();
        await clock.sleep(ms, wait.signal);
      }
      return received.shift();
    },
  };
}
