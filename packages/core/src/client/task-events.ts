import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import { HeuristError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { taskResultSchema } from '../wire/task-result-schema.ts';
import { readEvents } from './event-stream.ts';
import { Inbox } from './shared/inbox.ts';

/** The event stream of a task. Events may be late or missing, so the poll decides. */
export interface TaskEvents {
  /** Whether events are arriving, so that polls can be rare. */
  readonly isLive: boolean;
  /** Resolves with the next event, or `undefined` after `ms` milliseconds or on abort. */
  next(ms: number): Promise<WorkflowTaskResult | undefined>;
}

export const RETRY = { firstMs: 500, maxMs: 30_000 };
/** A stream that is silent for so long hangs: sequencers of ours send a comment every three seconds. */
export const SILENCE_MS = 5000;
/** A stream that lasted for so long works: the next pause is the first again. */
export const LASTING_MS = 30_000;

/**
 * Follows a task's events until the signal fires, and reconnects when the stream breaks. A sequencer that does not know the
 * call is asked once.
 */
export function followEvents(
  open: (signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
  clock: Clock = monotonicClock,
  random: () => number = Math.random,
  inbox: Inbox<WorkflowTaskResult> = new Inbox(signal, clock),
): TaskEvents {
  let isLive = false;

  async function follow() {
    const stream = new AbortController();
    const end = () => stream.abort();
    signal.addEventListener('abort', end);
    let heardAt = clock.now();
    const cutWhenSilent = async () => {
      for (let left = SILENCE_MS; left > 0 && !stream.signal.aborted; left = heardAt + SILENCE_MS - clock.now())
        await clock.sleep(left, stream.signal);
      end();
    };
    void cutWhenSilent();
    try {
      const { body } = await open(stream.signal);
      if (!body) return;
      const heard = () => {
        heardAt = clock.now();
      };
      for await (const event of readEvents(body, { signal: stream.signal, heard })) {
        const { success, data } = taskResultSchema.safeParse(event);
        if (!success) continue;
        isLive = true;
        inbox.put(data);
      }
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  async function keepFollowing() {
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      const start = clock.now();
      try {
        await follow();
      } catch (error) {
        if (HeuristError.isInstance(error) && !error.isRetryable) return;
      }
      if (isLive && clock.now() - start >= LASTING_MS) backoff.reset();
      isLive = false;
      inbox.wake();
      await clock.sleep(backoff.next() * (0.5 + random() / 2), signal);
    }
  }
  void keepFollowing();

  return {
    get isLive() {
      return isLive;
    },
    next: (ms) => inbox.next(ms),
  };
}
