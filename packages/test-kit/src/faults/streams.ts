import { noTask } from '../calls/refusal.ts';
import { STREAM_HEADERS } from '../calls/stream-task.ts';
import { type IncomingCall, json, page, type Reply } from '../http/reply.ts';
import { type CallName, cut, type Fault, thenSilence } from './fault.ts';

const calls: CallName[] = ['task_events', 'tasks_events'];
const MB = 1_000_000;

const stream = (body: Reply['body']): Reply => ({ status: 200, headers: STREAM_HEADERS, body });

/** Event streams, of one task and of many, are broken. Polls still work. */
export const streamFaults = {
  'stream-missing': {
    summary: 'There is no event stream (404), as at reference sequencers.',
    calls,
    happen: () => json({ message: 'unknown call' }, 404),
  },
  'stream-502': {
    summary: 'A proxy answers each opening of the event stream with status 502.',
    calls,
    happen: () => page(502, 'Bad Gateway'),
  },
  'stream-silent': {
    summary: 'The event stream opens and stays silent.',
    calls,
    happen: ({ call }) => stream(thenSilence(undefined, call.signal)),
  },
  'stream-ends-at-once': {
    summary: 'The event stream ends as soon as it is open.',
    calls,
    happen: () => stream(''),
  },
  'stream-cut': {
    summary: 'The event stream breaks after each event.',
    calls,
    async happen({ proceed }) {
      const outcome = await proceed();
      if (typeof outcome === 'string' || typeof outcome.body === 'string' || outcome.body instanceof Uint8Array)
        return outcome;
      return { ...outcome, body: firstOf(outcome.body), isCut: true };
    },
  },
  'stream-garbage': {
    summary: 'The events of the stream are not JSON.',
    calls,
    happen: ({ call }) => stream(thenSilence('event: task\ndata: <html>\n\n', call.signal)),
  },
  'stream-false-end': {
    summary: 'The event stream reports tasks as finished that go on.',
    calls,
    happen: ({ call }) => stream(falseEnds(call)),
  },
  'stream-other-task': {
    summary: 'The events of the stream are of a task that nobody asked for.',
    calls,
    happen: ({ call }) => stream(thenSilence(eventOf('another'), call.signal)),
  },
  'stream-unknown': {
    summary: 'The event stream says that it does not know the tasks.',
    calls,
    happen: ({ call }) => stream(unknownTasks(call)),
  },
  'stream-endless-line': {
    summary: 'The event stream sends 33 MB without the end of an event.',
    calls,
    happen: ({ call }) => stream(endlessLine(call.signal)),
  },
} satisfies Record<string, Fault>;

/** The way of a file is broken. */
export const fileFaults = {
  'upload-forbidden': {
    summary: 'The storage refuses the upload (403), as when its URL has expired.',
    calls: ['upload'],
    happen: () => json({ code: 'forbidden', message: 'This URL has expired.' }, 403),
  },
  'upload-page': {
    summary: 'The upload is answered with a web page and status 200, and nothing is stored.',
    calls: ['upload'],
    happen: () => page(200, 'Log in'),
  },
  'file-too-large': {
    summary: 'The sequencer refuses the file for its size: 413 `payload_too_large`.',
    calls: ['file_create'],
    happen: () => json({ code: 'payload_too_large', message: 'The file is too large. Make it smaller.' }, 413),
  },
  'download-expired': {
    summary: 'The address of an output has expired (403).',
    calls: ['download'],
    happen: () => json({ code: 'forbidden', message: 'This URL has expired. Query the task again.' }, 403),
  },
  'download-cut': {
    summary: 'The download of an output breaks in the middle.',
    calls: ['download'],
    async happen({ proceed }) {
      const outcome = await proceed();
      return typeof outcome === 'string' ? outcome : cut(outcome);
    },
  },
  'download-changed': {
    summary: 'An output has other bytes than its `sha256` says.',
    calls: ['download'],
    async happen({ proceed }) {
      const outcome = await proceed();
      if (typeof outcome === 'string' || !(outcome.body instanceof Uint8Array)) return outcome;
      return { ...outcome, body: outcome.body.map((byte) => byte ^ 1) };
    },
  },
} satisfies Record<string, Fault>;

const eventOf = (task_id: string) => `event: task\ndata: ${JSON.stringify({ task_id, status: 'finished' })}\n\n`;

/** The tasks that a call for a stream names. */
function namedTasks({ bytes }: IncomingCall): string[] {
  const { task_id, tasks = [{ task_id }] } = JSON.parse(new TextDecoder().decode(bytes));
  return tasks.map((task: { task_id: string }) => task.task_id);
}

async function* falseEnds(call: IncomingCall): AsyncGenerator<string | Uint8Array> {
  yield* thenSilence(namedTasks(call).map(eventOf).join(''), call.signal);
}

async function* unknownTasks(call: IncomingCall): AsyncGenerator<string> {
  for (const task_id of namedTasks(call)) yield `event: gone\ndata: ${JSON.stringify(noTask(task_id))}\n\n`;
}

async function* firstOf(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    return;
  }
}

async function* endlessLine(signal: AbortSignal): AsyncGenerator<string | Uint8Array> {
  yield 'data: ';
  for (let sent = 0; sent < 33 && !signal.aborted; sent++) yield 'x'.repeat(MB);
  yield* thenSilence(undefined, signal);
}
