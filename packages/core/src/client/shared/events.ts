import { Backoff } from '@heurist/server-kit/backoff';
import type { Clock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';
import { HeuristError } from '../../wire/errors.ts';
import { isTaskResult, type WorkflowTaskResult } from '../../wire/task-result.ts';
import { isTerminal } from '../../wire/task-status.ts';
import { LASTING_MS, RETRY } from '../task-events.ts';
import type { Inbox } from './inbox.ts';
import { type EventStream, openEventStream } from './open-event-stream.ts';

/** A task as it is asked for: with the id of the last event that is known of it, so that only news come. */
export interface StreamedTask {
  task_id: string;
  last_event_id: string | undefined;
  /** Nobody wants to know more of it. */
  ends_only: true | undefined;
}

interface SharedEventsOptions<Each> {
  open(tasks: readonly StreamedTask[], signal: AbortSignal): Promise<Response>;
  /** The sequencer does not know the call: whoever follows needs another way. */
  onMissing(followers: Iterable<Each>): void;
  clock: Clock;
  /** From 0 to 1: shortens pauses. */
  random?: () => number;
}

/** A wait that follows a task. */
export interface Follower {
  readonly task_id: string;
  inbox: Inbox<WorkflowTaskResult>;
  signal: AbortSignal;
  /** Without it, only the end of the task comes. */
  withProgress: boolean;
}

/** The events of many tasks on one stream. Tasks come and go while it is open. */
export interface SharedEvents<Each extends Follower> {
  /** Puts the events of a task into the inbox, until the signal fires. */
  follow(follower: Each): void;
  /** Whether the events of a task arrive. */
  isLive(task_id: string): boolean;
}

/** Tasks on one stream; what is beyond is polled. Sequencers of ours take as many. */
const MOST_TASKS = 2000;
/** Milliseconds between two openings because of new tasks: the more tasks are sent along, the longer. */
const gapFor = (tasks: number) => Math.min(1000, Math.max(100, tasks));
/** How long a stream may stay open after the last of its tasks has ended. */
const LINGER_MS = 500;
/** A longer id of an event is not sent back. */
const MAX_ID = 100;

/**
 * Follows tasks on one stream. A stream cannot be told of new tasks, so they gather, and the next stream takes over from the one
 * before as soon as it works; it is told which events are known. A stream that breaks is opened again after a pause that grows.
 */
export function createSharedEvents<Each extends Follower>(options: SharedEventsOptions<Each>): SharedEvents<Each> {
  const { open, onMissing, clock, random = Math.random } = options;
  const followers = new Map<string, Set<Each>>();
  const lastIds = new Map<string, string>();
  /** Tasks that the current stream does not carry. */
  const uncovered = new Set<string>();
  const backoff = new Backoff(RETRY);
  const change = new Wakeup();
  let current: EventStream | undefined;
  /** Since when streams have worked, one after the other. */
  let worksSince = 0;
  let isRunning = false;
  let isMissing = false;
  let most = MOST_TASKS;
  let openFrom = Number.NEGATIVE_INFINITY;

  const isLive = (task_id: string) =>
    !!current?.isLive && followers.has(task_id) && current.carries(task_id) && !uncovered.has(task_id);

  function receive(stream: EventStream, data: unknown, id: string | undefined): void {
    const { code, task_id } = (data ?? {}) as { code?: unknown; task_id?: unknown };
    if (code === 'not_found' && typeof task_id === 'string') stream.leave(task_id);
    if (!isTaskResult(data)) return;
    const those = followers.get(data.task_id);
    if (!those) return;
    if (id && id.length <= MAX_ID) lastIds.set(data.task_id, id);
    const hasEnded = isTerminal(data.status);
    for (const { inbox, withProgress } of those) if (withProgress || hasEnded) inbox.put(data);
    // polls decide: should they say that it goes on, they go on alone
    if (hasEnded) forget(data.task_id);
  }

  function forget(task_id: string): void {
    followers.delete(task_id);
    lastIds.delete(task_id);
    uncovered.delete(task_id);
    change.wake();
  }

  function onEnd(stream: EventStream): void {
    if (current !== stream) return;
    current = undefined;
    const broken = [...followers.keys()].filter((task_id) => stream.carries(task_id));
    for (const task_id of broken) {
      uncovered.add(task_id);
      // those that rely on it poll at once
      for (const { inbox } of followers.get(task_id) ?? []) inbox.wake();
    }
    if (broken.length) pause(clock.now() - worksSince >= LASTING_MS);
    change.wake();
  }

  function pause(afterSuccess = false): void {
    if (afterSuccess) backoff.reset();
    openFrom = clock.now() + backoff.next() * (0.5 + random() / 2);
  }

  async function openNext(): Promise<void> {
    const tasks = new Map([...followers].slice(0, most).map(([task_id, those]) => [task_id, hasProgress(those)]));
    const known = [...tasks].map(([task_id, withProgress]) => ({
      task_id,
      last_event_id: lastIds.get(task_id),
      ends_only: withProgress ? undefined : (true as const),
    }));
    openFrom = clock.now() + gapFor(tasks.size);
    const last = current;
    let stream: EventStream | undefined;
    try {
      stream = await openEventStream({
        open: (signal) => open(known, signal),
        tasks,
        clock,
        receive: (opened, data, id) => receive(opened, data, id),
        onEnd,
      });
    } catch (error) {
      return fail(error, tasks.size);
    }
    // streams that take over from each other count as one
    if (!last?.isLive) worksSince = clock.now();
    current = stream;
    last?.end();
    for (const [task_id, withProgress] of tasks)
      if (withProgress || !hasProgress(followers.get(task_id) ?? [])) uncovered.delete(task_id);
    // those that it has lost while it took over
    if (stream.isOver) onEnd(stream);
  }

  function fail(error: unknown, tasks: number): void {
    pause();
    if (!HeuristError.isInstance(error) || (error.isRetryable && error.code !== 'rate_limited')) return;
    const { code } = error;
    if (code === 'not_found') {
      isMissing = true;
      onMissing([...followers.values()].flatMap((those) => [...those]));
    }
    // one stream less is open when it is tried again
    else if (code === 'rate_limited') current?.end();
    else if (code === 'invalid_request' || code === 'payload_too_large') most = Math.max(1, Math.floor(tasks / 2));
    else openFrom = clock.now() + RETRY.maxMs;
  }

  /** Whether a new stream would carry tasks that the current one does not. */
  function isDue(): boolean {
    if (!uncovered.size) return false;
    return !current || followers.size - uncovered.size < most;
  }

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    // those of the same moment come along
    await clock.sleep(0);
    while (followers.size && !isMissing) {
      const left = isDue() ? openFrom - clock.now() : Number.POSITIVE_INFINITY;
      if (left > 0) await clock.sleep(left, change.signal);
      else await openNext();
    }
    isRunning = false;
    await current?.over(LINGER_MS);
    if (!followers.size) current?.end();
  }

  return {
    isLive,
    follow(follower) {
      const { task_id, signal, withProgress } = follower;
      const those = followers.get(task_id) ?? new Set();
      followers.set(task_id, those.add(follower));
      if (!current?.carries(task_id, withProgress)) uncovered.add(task_id);
      const stop = () => {
        those.delete(follower);
        if (those.size || followers.get(task_id) !== those) return;
        forget(task_id);
        // nobody waits any more: nothing may keep a program from ending
        if (!followers.size) current?.end();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      change.wake();
      void run();
    },
  };
}

function hasProgress(followers: Iterable<Follower>): boolean {
  for (const { withProgress } of followers) if (withProgress) return true;
  return false;
}
