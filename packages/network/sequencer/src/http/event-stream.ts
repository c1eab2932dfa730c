import { createHash } from 'node:crypto';
import { isTerminal, type OutputDescription, type WorkflowTaskResult } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { OpenRequest } from '../access/counts/open-requests.ts';
import type { Bus } from '../bus/bus.ts';
import type { TaskRecord } from '../tasks/table/task-record.ts';
import { describeTask } from './describe-task.ts';
import { linkBaseOf } from './link-base.ts';
import type { SequencerServices } from './services.ts';

/** How often a quiet stream sends a comment: proxies keep it open, and clients take one that is silent for five seconds for dead. */
export const KEEP_ALIVE_MS = 3000;
/** How often the state is read though no news came: news may be lost. */
export const READ_MS = 15_000;
/** Changes within this time are sent as one event. */
export const COALESCE_MS = 100;
/** How often the position of a waiting task is looked up. */
export const POSITION_MS = 1000;

/** An event of a stream: the whole state of the task. */
export interface TaskStateEvent {
  /** The same for the same state, at every replica. */
  id: string;
  state: WorkflowTaskResult<OutputDescription>;
}

/** `POST /task_events` */
export function streamTask(
  c: Context,
  services: SequencerServices,
  { task_id }: TaskRecord,
  request: OpenRequest,
): Response {
  const { tasks, bus, clock } = services;
  const linkBase = linkBaseOf(c, services);
  return openEventStream(c, services, request, async (stream, signal) => {
    const events = followTask({
      task_id,
      bus,
      clock,
      signal,
      lastId: c.req.header('last-event-id'),
      read: async () => await describeTask(services, await tasks.get(task_id), linkBase),
    });
    for await (const event of events)
      if (event === 'keep-alive') await stream.write(': keep-alive\n\n');
      else await writeTaskEvent(stream, event);
  });
}

export async function writeTaskEvent(stream: SSEStreamingApi, { id, state }: TaskStateEvent): Promise<void> {
  await stream.writeSSE({ event: 'task', id, data: JSON.stringify(state) });
}

/**
 * A stream that ends with its caller, its key or this server, and counts as long as it is open.
 *
 * @param write - writes the events, until the signal fires
 */
export function openEventStream(
  c: Context,
  { closing, logger }: SequencerServices,
  request: OpenRequest,
  write: (stream: SSEStreamingApi, signal: AbortSignal) => Promise<void>,
): Response {
  // nginx and other proxies would hold events back
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (stream) => {
    const ended = new AbortController();
    const end = () => ended.abort();
    stream.onAbort(end);
    closing.addEventListener('abort', end);
    request.signal.addEventListener('abort', end);
    if (closing.aborted) end();
    try {
      await write(stream, ended.signal);
    } catch (error) {
      // the stream ends, and the client opens it again; internals stay in the log
      logger.warn('event stream failed', { message: (error as Error).message });
    } finally {
      closing.removeEventListener('abort', end);
      request.release();
    }
  });
}

interface FollowOptions {
  task_id: string;
  bus: Bus;
  clock: Clock;
  /** Ends the events. */
  signal: AbortSignal;
  /** The last event that the client has. Each event is the whole state, so nothing else was missed. */
  lastId: string | undefined;
  /** The state of the task now. */
  read(): Promise<WorkflowTaskResult<OutputDescription>>;
}

/** The states of a task as they change, until it ends. The first change after a while comes at once, a burst as one. */
export async function* followTask(options: FollowOptions): AsyncGenerator<TaskStateEvent | 'keep-alive'> {
  const { clock, signal, read } = options;
  const changes = watchTask(options);
  let spokeAt = clock.now();
  try {
    for (let { lastId } = options; !signal.aborted; ) {
      const state = await read();
      const id = eventId(state);
      if (id !== lastId) {
        yield { id, state };
        spokeAt = clock.now();
      }
      if (isTerminal(state.status)) return;
      if (id !== lastId) await clock.sleep(COALESCE_MS, signal);
      lastId = id;
      const readAt = clock.now() + (state.status === 'waiting' ? POSITION_MS : READ_MS);
      while (!signal.aborted && clock.now() < readAt) {
        if (await changes.next(Math.min(readAt - clock.now(), KEEP_ALIVE_MS))) break;
        if (signal.aborted || clock.now() - spokeAt < KEEP_ALIVE_MS) continue;
        yield 'keep-alive';
        spokeAt = clock.now();
      }
    }
  } finally {
    changes.stop();
  }
}

/** Waits for changes of one task. One that happens between two waits is not lost. */
function watchTask({ task_id, bus, clock, signal }: Pick<FollowOptions, 'task_id' | 'bus' | 'clock' | 'signal'>) {
  let hasChanged = false;
  const wakeup = new Wakeup();
  const notice = () => {
    hasChanged = true;
    wakeup.wake();
  };
  const unsubscribe = bus.onTask(task_id, notice);
  signal.addEventListener('abort', notice);
  return {
    /** Resolves with whether something changed, after at most `ms`. */
    async next(ms: number): Promise<boolean> {
      if (!hasChanged) await clock.sleep(ms, wakeup.signal);
      const changed = hasChanged;
      hasChanged = false;
      return changed;
    },
    stop() {
      unsubscribe();
      signal.removeEventListener('abort', notice);
    },
  };
}

/** Sent with changes, but no changes by themselves: URLs are signed anew each time, estimates count down. */
const VOLATILE = new Set(['url', 'result', 'eta_seconds']);

export function eventId(state: WorkflowTaskResult<OutputDescription>): string {
  const text = JSON.stringify(state, (key, value) => (VOLATILE.has(key) ? undefined : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
