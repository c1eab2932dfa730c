import type { Clock } from '@heurist/server-kit/clock';
import { readMessages } from '../event-stream.ts';
import { SILENCE_MS } from '../task-events.ts';

/** One stream of many tasks, from its first event until it ends. */
export interface EventStream {
  /** Whether events may come: it has begun, and has not ended. */
  readonly isLive: boolean;
  readonly isOver: boolean;
  /** Whether it brings news of a task, all of them if its progress is wanted. */
  carries(task_id: string, withProgress?: boolean): boolean;
  /** It does not know a task. */
  leave(task_id: string): void;
  /** Resolves when it is over, after `ms` milliseconds at the latest. */
  over(ms: number): Promise<void>;
  end(): void;
}

interface OpenOptions {
  open(signal: AbortSignal): Promise<Response>;
  /** Whether their progress comes, too. */
  tasks: ReadonlyMap<string, boolean>;
  clock: Clock;
  receive(stream: EventStream, data: unknown, id: string | undefined): void;
  /** Called when it ends by itself, silence included, after it has begun. */
  onEnd(stream: EventStream): void;
}

/**
 * Opens a stream and reads it. Resolves with its first event: one that opens and says nothing does not work.
 *
 * @throws what `open` throws, or an error if it ends before
 */
export async function openEventStream({ open, tasks, clock, receive, onEnd }: OpenOptions): Promise<EventStream> {
  const carried = new Map(tasks);
  const ended = new AbortController();
  const end = () => ended.abort();
  let hasBegun = false;
  let heardAt = clock.now();
  const heard = () => {
    heardAt = clock.now();
  };
  const stream: EventStream = {
    get isLive() {
      return hasBegun && !ended.signal.aborted;
    },
    get isOver() {
      return ended.signal.aborted;
    },
    carries: (task_id, withProgress = false) => carried.get(task_id) || (!withProgress && carried.has(task_id)),
    leave: (task_id) => void carried.delete(task_id),
    over: (ms) => clock.sleep(ms, ended.signal),
    end,
  };
  const { promise, resolve, reject } = Promise.withResolvers<EventStream>();

  async function cutWhenSilent() {
    for (let left = SILENCE_MS; left > 0 && !ended.signal.aborted; left = heardAt + SILENCE_MS - clock.now())
      await clock.sleep(left, ended.signal);
    end();
  }

  async function read() {
    const { body } = await open(ended.signal);
    if (!body) return;
    for await (const { data, id } of readMessages(body, { signal: ended.signal, heard })) {
      if (!isEvent(data)) continue;
      hasBegun = true;
      receive(stream, data, id);
      resolve(stream);
    }
  }

  void cutWhenSilent();
  void read()
    .catch(reject)
    .finally(() => {
      end();
      reject(new Error('The stream ended before its first event.'));
      if (hasBegun) onEnd(stream);
    });
  return await promise;
}

/** It is about a task, or says how many are followed: anything else is not from a sequencer. */
function isEvent(data: unknown): boolean {
  const { task_id, tasks } = (data ?? {}) as { task_id?: unknown; tasks?: unknown };
  return typeof task_id === 'string' || typeof tasks === 'number';
}
