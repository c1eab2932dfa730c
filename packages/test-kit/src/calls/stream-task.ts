import type { TestClock } from '../clock.ts';
import type { IncomingCall, Reply } from '../http/reply.ts';
import type { TestTask } from '../tasks/test-task.ts';
import { noTask } from './refusal.ts';

/** How often a quiet stream sends a comment, as a sequencer does. */
const KEEP_ALIVE_MS = 3000;

export const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

/** The states of a task as they change, until it ends. */
export function streamTask({ headers, signal }: IncomingCall, task: TestTask, clock: TestClock): Reply {
  return { status: 200, headers: STREAM_HEADERS, body: follow(task, headers['last-event-id'], signal, clock) };
}

async function* follow(
  task: TestTask,
  lastId: string | undefined,
  signal: AbortSignal,
  clock: TestClock,
): AsyncGenerator<string> {
  for (let sent = lastId; !signal.aborted; ) {
    const id = `${task.version}`;
    if (id !== sent) yield eventOf(task);
    sent = id;
    if (task.isOver) return;
    if (id !== `${task.version}`) continue;
    const turn = new AbortController();
    const either = AbortSignal.any([signal, turn.signal]);
    await Promise.race([task.changed(either), clock.sleep(KEEP_ALIVE_MS, either)]);
    turn.abort();
    if (id === `${task.version}` && !signal.aborted) yield ': keep-alive\n\n';
  }
}

const eventOf = (task: TestTask) => `event: task\ndata: ${JSON.stringify(task.state)}\nid: ${task.version}\n\n`;

/** A task as a stream of many is asked for it. */
interface Asked {
  task_id: string;
  last_event_id?: string | null | undefined;
  ends_only?: boolean | null | undefined;
}

/** The states of many tasks as they change, until the last one ends. */
export function streamTasks(
  { signal }: IncomingCall,
  asked: readonly Asked[],
  tasks: ReadonlyMap<string, TestTask>,
  clock: TestClock,
): Reply {
  return { status: 200, headers: STREAM_HEADERS, body: followMany(asked, tasks, signal, clock) };
}

async function* followMany(
  asked: readonly Asked[],
  tasks: ReadonlyMap<string, TestTask>,
  signal: AbortSignal,
  clock: TestClock,
): AsyncGenerator<string> {
  const sent = new Map(asked.map(({ task_id, last_event_id }) => [task_id, last_event_id]));
  const endsOnly = new Set(asked.filter(({ ends_only }) => ends_only).map(({ task_id }) => task_id));
  const changed = new Set<TestTask>();
  let wake = () => {};
  const stops = new Map<TestTask, () => void>();
  yield `event: open\ndata: ${JSON.stringify({ tasks: sent.size })}\n\n`;
  for (const task_id of sent.keys()) {
    const task = tasks.get(task_id);
    if (!task) yield `event: gone\ndata: ${JSON.stringify(noTask(task_id))}\n\n`;
    else {
      changed.add(task);
      stops.set(
        task,
        task.watch(() => {
          changed.add(task);
          wake();
        }),
      );
    }
  }
  try {
    while (stops.size && !signal.aborted) {
      for (const task of changed) {
        changed.delete(task);
        const id = `${task.version}`;
        const isNew = id !== sent.get(task.task_id) && (task.isOver || !endsOnly.has(task.task_id));
        sent.set(task.task_id, id);
        if (isNew) yield eventOf(task);
        if (task.isOver) stops.get(task)?.();
        if (task.isOver) stops.delete(task);
      }
      if (!stops.size || changed.size) continue;
      const turn = new AbortController();
      wake = () => turn.abort();
      await clock.sleep(KEEP_ALIVE_MS, AbortSignal.any([signal, turn.signal]));
      if (!changed.size && !signal.aborted) yield ': keep-alive\n\n';
    }
  } finally {
    for (const stop of stops.values()) stop();
  }
}
