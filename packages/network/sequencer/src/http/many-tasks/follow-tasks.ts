import { isTerminal, type OutputDescription, type WorkflowTaskResult } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';
import type { Bus } from '../../bus/bus.ts';
import { COALESCE_MS, eventId, KEEP_ALIVE_MS, POSITION_MS, READ_MS, type TaskStateEvent } from '../event-stream.ts';

/** Tasks that are read together at most. */
const CHUNK = 100;
/** Tasks that are looked up within {@link POSITION_MS} though no news came: the more are followed, the rarer each one. */
const LOOKS = 4;

/** How a task is followed. */
interface Asked {
  /** The last event that the client has. */
  last_event_id?: string | null | undefined;
  /** Only the end of the task is told. */
  ends_only?: boolean | null | undefined;
}

interface FollowTasksOptions {
  /** By id. */
  tasks: ReadonlyMap<string, Asked>;
  bus: Pick<Bus, 'onTask'>;
  clock: Clock;
  /** Ends the events. */
  signal: AbortSignal;
  /** The states of tasks now, in that order; `undefined` for those that the client does not see. */
  read(task_ids: readonly string[]): Promise<(WorkflowTaskResult<OutputDescription> | undefined)[]>;
}

interface Followed {
  task_id: string;
  lastId: string | null | undefined;
  endsOnly: boolean;
  isWaiting: boolean;
  readAt: number;
  /** Until when changes gather, so that a burst is one event. */
  quietUntil: number;
  unsubscribe(): void;
}

/**
 * The states of tasks as they change, until the last one ends; `gone` for those that are unknown. A change comes at once, a burst of
 * one task as one event, and a task that ends is followed no longer.
 */
export async function* followTasks(
  options: FollowTasksOptions,
): AsyncGenerator<TaskStateEvent | { gone: string } | 'keep-alive'> {
  const { clock, signal, read } = options;
  const watch = watchTasks(options);
  let spokeAt = clock.now();
  try {
    while (watch.followed.size && !signal.aborted) {
      const due = watch.takeDue();
      const states = due.length ? await read(due.map(({ task_id }) => task_id)) : [];
      for (const [index, task] of due.entries()) {
        const event = watch.settle(task, states[index]);
        if (event) yield event;
        if (event) spokeAt = clock.now();
      }
      if (due.length) continue;
      if (clock.now() - spokeAt >= KEEP_ALIVE_MS) {
        yield 'keep-alive';
        spokeAt = clock.now();
      }
      await watch.news(spokeAt + KEEP_ALIVE_MS);
    }
  } finally {
    watch.stop();
  }
}

/** What is followed, and which of it must be read. News of a task that is being read are not lost. */
function watchTasks({ tasks, bus, clock, signal }: FollowTasksOptions) {
  const followed = new Map<string, Followed>();
  const changed = new Set<Followed>();
  const wakeup = new Wakeup();
  const wake = () => wakeup.wake();
  signal.addEventListener('abort', wake);
  let looksAt = clock.now() + POSITION_MS;

  for (const [task_id, { last_event_id: lastId, ends_only }] of tasks) {
    const notice = () => {
      changed.add(task);
      wake();
    };
    const unsubscribe = bus.onTask(task_id, notice);
    const endsOnly = ends_only ?? false;
    const task: Followed = { task_id, lastId, endsOnly, isWaiting: !endsOnly, readAt: 0, quietUntil: 0, unsubscribe };
    followed.set(task_id, task);
    changed.add(task);
  }

  function drop(task: Followed): void {
    task.unsubscribe();
    followed.delete(task.task_id);
    changed.delete(task);
  }

  /** Those that were read longest ago, since news may be lost, and positions in the queue are no news. */
  function takeLooks(now: number): Followed[] {
    if (now < looksAt) return [];
    looksAt = now + POSITION_MS;
    const due: Followed[] = [];
    for (const task of followed.values()) {
      if (due.length === LOOKS) break;
      if (task.isWaiting || now - task.readAt >= READ_MS) due.push(task);
    }
    return due;
  }

  return {
    followed,
    takeDue(): Followed[] {
      const now = clock.now();
      const due = new Set(takeLooks(now));
      for (const task of changed) {
        if (due.size >= CHUNK) break;
        if (task.quietUntil <= now) due.add(task);
      }
      for (const task of due) {
        changed.delete(task);
        // the last one in turn
        followed.delete(task.task_id);
        followed.set(task.task_id, task);
      }
      return [...due];
    },
    /** Takes in what was read. Returns what the client does not have. */
    settle(
      task: Followed,
      state: WorkflowTaskResult<OutputDescription> | undefined,
    ): TaskStateEvent | { gone: string } | undefined {
      const { task_id, lastId, endsOnly } = task;
      const hasEnded = !state || isTerminal(state.status);
      if (hasEnded) drop(task);
      if (!state) return { gone: task_id };
      task.isWaiting = state.status === 'waiting' && !endsOnly;
      task.readAt = clock.now();
      if (endsOnly && !hasEnded) return undefined;
      const id = eventId(state);
      if (id === lastId) return undefined;
      task.lastId = id;
      task.quietUntil = clock.now() + COALESCE_MS;
      return { id, state };
    },
    /** Resolves when there may be something to read or to say, at `until` at the latest. */
    async news(until: number): Promise<void> {
      let next = Math.min(until, looksAt);
      for (const { quietUntil } of changed) next = Math.min(next, quietUntil);
      if (next > clock.now() && !signal.aborted) await clock.sleep(next - clock.now(), wakeup.signal);
    },
    stop(): void {
      for (const task of [...followed.values()]) drop(task);
      signal.removeEventListener('abort', wake);
    },
  };
}
