import type { TestClock } from '../clock.ts';
import type { IncomingCall, Reply } from '../http/reply.ts';
import type { TestTask } from '../tasks/test-task.ts';

/** How often a quiet stream sends a comment. */
const KEEP_ALIVE_MS = 15_000;

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
    if (id !== sent) yield `event: task\ndata: ${JSON.stringify(task.state)}\nid: ${id}\n\n`;
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
