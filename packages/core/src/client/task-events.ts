import { HeuristError } from '../wire/errors.ts';
import { taskResultSchema, type WorkflowTaskResult } from '../wire/task-result.ts';
import { readEvents } from './event-stream.ts';

/** What the event stream says about a task. It may be late, or silent: the poll is the truth. */
export interface Hints {
  /** Whether events are arriving, so that polls can be rare. */
  readonly isLive: boolean;
  /** Resolves with the next news, or `undefined` after `ms` milliseconds or on abort. */
  next(ms: number): Promise<WorkflowTaskResult | undefined>;
}

const FIRST_RETRY_MS = 500;

/**
 * Follows a task's events until the signal fires, and opens the stream again when it breaks. A sequencer that has no
 * such call is asked once.
 */
export function followHints(open: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal): Hints {
  const news: WorkflowTaskResult[] = [];
  let isLive = false;
  let wake = () => {};

  async function follow() {
    const { body } = await open(signal);
    if (!body) return;
    for await (const event of readEvents(body)) {
      const parsed = taskResultSchema.safeParse(event);
      if (!parsed.success) continue;
      isLive = true;
      news.push(parsed.data);
      wake();
    }
  }

  async function keepFollowing() {
    for (let delay = FIRST_RETRY_MS; !signal.aborted; delay = Math.min(delay * 2, 30_000)) {
      try {
        await follow();
      } catch (error) {
        if (HeuristError.isInstance(error) && !error.isRetryable) return;
      }
      // a stream that has worked is worth another try soon
      if (isLive) delay = FIRST_RETRY_MS;
      isLive = false;
      await sleep(delay, signal);
    }
  }
  void keepFollowing();
  signal.addEventListener('abort', () => wake(), { once: true });

  return {
    get isLive() {
      return isLive;
    },
    async next(ms) {
      if (!news.length && !signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      return news.shift();
    },
  };
}

/** Resolves after `ms` milliseconds, or at once when the signal fires. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
