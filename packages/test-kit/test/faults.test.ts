// Every fault of `docs/faults.md` happens on the wire.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { faults } from '../src/faults/index.ts';
import {
  createTestSequencer,
  FAULT_NAMES,
  type FaultName,
  type InjectOptions,
  type TestSequencer,
} from '../src/index.ts';
import { look, post, type Seen, submit } from './raw.ts';

let sequencer: TestSequencer;
beforeAll(async () => {
  sequencer = await createTestSequencer();
});
beforeEach(() => sequencer.reset());
afterAll(() => sequencer.close());

/** A call under a fault, and what must be seen. */
interface Row {
  options?: InjectOptions;
  /** Before the fault is there; its result goes to `call`. */
  before?: () => Promise<string>;
  call?: (before: string) => Promise<Seen>;
  see: (seen: Seen) => unknown;
  seen: unknown;
}

const details = { task_type: 'echo', task_details: { parameters: {} } };
const create = () => post(sequencer, 'task_create', details);
const query = (task_id: string) => post(sequencer, 'task_result_query', { task_id });
const stream = (task_id: string) => post(sequencer, 'task_events', { task_id });
const queryMany = (task_ids: string) => post(sequencer, 'tasks_query', { task_ids: task_ids.split(',') });

const broke = ({ broke }: Seen) => broke;
const status = ({ status }: Seen) => status;
const statusAndType = ({ status, headers }: Seen) => `${status} ${headers?.get('content-type')}`;
const retryAfter = ({ status, headers }: Seen) => `${status} ${headers?.get('retry-after')}`;
const statusAndText = ({ status, text = '' }: Seen) => `${status} ${text}`;
const code = ({ status, text = '' }: Seen) => `${status} ${text.startsWith('{') ? JSON.parse(text).code : text}`;
const location = ({ status, headers }: Seen) => `${status} ${headers?.get('location')}`.replace(/:\d+\//, ':PORT/');
const state = ({ text }: Seen) => ({ ...JSON.parse(text ?? ''), task_id: 'ID' });
const tasksNow = () => sequencer.tasks.length;

const page = (code: number): Row => ({ see: statusAndType, seen: `${code} text/html` });
const late = (code: number): Row => ({ options: { retryAfter: 7 }, see: retryAfter, seen: `${code} 7` });
const no = (name: string): Row => ({ see: code, seen: name });
const asked = (row: Row): Row => ({ before: () => submit(sequencer), call: query, ...row });
const followed = (row: Row): Row => ({ before: () => runningTask(), call: stream, ...row });

const inBatch = (row: Row): Row => ({
  before: async () => [await submit(sequencer), await submit(sequencer)].join(),
  call: queryMany,
  ...row,
});
/** The results of a batch: 1 and 2 for the tasks that were asked for, with their code if they have one. */
const results = ({ text }: Seen) =>
  JSON.parse(text ?? '').results?.map((result: { task_id?: string; code?: string } | null) => {
    const index = sequencer.tasks.findIndex(({ task_id }) => task_id === result?.task_id) + 1;
    return result?.code ? `${index} ${result.code}` : index;
  });

async function runningTask(): Promise<string> {
  sequencer.on('echo').run({ percent: 40 });
  return await submit(sequencer);
}

async function outputUrl(): Promise<string> {
  await submit(sequencer);
  return sequencer.tasks[0]!.state.result;
}

async function uploadUrl(): Promise<string> {
  const { text } = await post(sequencer, 'file_create', { content_type: 'image/png', bytes: 3 });
  return JSON.parse(text ?? '').upload_url;
}

const download = (row: Row): Row => ({ before: outputUrl, call: (url) => look(url), ...row });
const put = (url: string) => look(url, { method: 'PUT', body: 'png' });
const upload = (row: Row): Row => ({ before: uploadUrl, call: put, ...row });

const rows: Record<FaultName, Row> = {
  refused: { see: broke, seen: 'ECONNREFUSED' },
  reset: { see: (seen) => [broke(seen), tasksNow()], seen: ['ECONNRESET', 0] },
  'reset-after-effect': { see: (seen) => [broke(seen), tasksNow()], seen: ['ECONNRESET', 1] },
  hang: { see: (seen) => [broke(seen), tasksNow()], seen: ['timeout', 0] },
  'hang-after-effect': { see: (seen) => [broke(seen), tasksNow()], seen: ['timeout', 1] },
  slow: { options: { delay: 1000 }, see: broke, seen: 'timeout' },
  'cut-body': { see: ({ status, broke }) => [status, broke], seen: [200, 'UND_ERR_SOCKET'] },
  'stalled-body': {
    see: ({ status, text, broke }) => [status, text?.slice(0, 9), broke],
    seen: [200, '{"task_id', 'timeout'],
  },
  'redirect-other-origin': { see: location, seen: '307 http://localhost:PORT/elsewhere/task_create' },
  'redirect-permanent': { see: location, seen: '308 http://localhost:PORT/elsewhere/task_create' },
  'redirect-loop': { see: location, seen: '307 http://127.0.0.1:PORT/task_create' },
  'status-403': page(403),
  'gateway-json-403': { see: statusAndText, seen: '403 {"message":"Forbidden"}' },
  'status-408': page(408),
  'status-425': page(425),
  'status-429': late(429),
  'status-500': page(500),
  'status-502': page(502),
  'status-503': late(503),
  'status-504': page(504),
  'status-520': page(520),
  'status-524': page(524),
  'page-200': page(200),
  'empty-204': { see: status, seen: 204 },
  'empty-200': { see: statusAndText, seen: '200 ' },
  'half-json-200': { see: statusAndText, seen: '200 {"task_id": "12' },
  'object-200': { see: statusAndText, seen: '200 {}' },
  'null-200': { see: statusAndText, seen: '200 null' },
  'error-200': { see: statusAndText, seen: '200 {"error":"upstream connect error"}' },
  full: {
    options: { retryAfter: 7 },
    see: (seen) => [code(seen), retryAfter(seen)],
    seen: ['429 rate_limited', '429 7'],
  },
  unavailable: no('503 unavailable'),
  internal: no('500 internal'),
  unauthorized: no('401 unauthorized'),
  forbidden: no('403 forbidden'),
  unservable: no('409 unservable'),
  'storage-quota-exceeded': no('409 storage_quota_exceeded'),
  'parameters-refused': no('400 invalid_parameters'),
  'job-id-conflict': no('409 job_id_conflict'),
  'protocol-too-new': { see: ({ headers }) => headers?.get('heurist-protocol'), seen: '99' },
  'task-unknown': asked(no('404 not_found')),
  'status-unknown': asked({ see: (seen) => state(seen).status, seen: 'archived' }),
  'outputs-null': asked({ see: (seen) => state(seen).outputs, seen: null }),
  'failed-with-text': asked({ see: state, seen: { task_id: 'ID', status: 'failed', error: 'CUDA out of memory' } }),
  'failed-without-reason': asked({ see: state, seen: { task_id: 'ID', status: 'failed' } }),
  'finished-without-outputs': asked({ see: state, seen: { task_id: 'ID', status: 'finished' } }),
  'no-miner': asked({ see: (seen) => state(seen).warning, seen: 'No connected miner can run this workflow.' }),
  'batch-missing': inBatch(no('404 not_found')),
  'batch-refused': inBatch(no('400 invalid_request')),
  'batch-order': inBatch({ see: results, seen: [2, 1] }),
  'batch-gaps': inBatch({ see: results, seen: [2] }),
  'batch-empty': inBatch({ see: results, seen: [] }),
  'batch-null': inBatch({ see: statusAndText, seen: '200 {"results":null}' }),
  'batch-twice': inBatch({ see: results, seen: [1, 2, 1, 2] }),
  'batch-other-tasks': inBatch({ see: results, seen: [0, 0] }),
  'batch-garbage': inBatch({ see: statusAndText, seen: '200 {"results":["<html>",null,7,[]]}' }),
  'batch-full': inBatch({ see: results, seen: [1, '2 payload_too_large'] }),
  'batch-unavailable': inBatch({ see: results, seen: ['1 unavailable', '2 unavailable'] }),
  'stream-missing': followed({ see: status, seen: 404 }),
  'stream-502': followed({ see: status, seen: 502 }),
  'stream-silent': followed({
    see: (seen) => [seen.status, seen.text, broke(seen)],
    seen: [200, undefined, 'timeout'],
  }),
  'stream-ends-at-once': followed({ see: statusAndText, seen: '200 ' }),
  'stream-cut': followed({
    see: (seen) => [seen.text?.match(/event: task/g)?.length, broke(seen)],
    seen: [1, 'UND_ERR_SOCKET'],
  }),
  'stream-garbage': followed({ see: ({ text }) => text, seen: 'event: task\ndata: <html>\n\n' }),
  'stream-false-end': followed({
    see: ({ text }) => text?.includes(`"${sequencer.tasks[0]?.task_id}","status":"finished"`),
    seen: true,
  }),
  'stream-other-task': followed({ see: ({ text }) => text?.includes('"another"'), seen: true }),
  'stream-unknown': followed({ see: ({ text }) => text?.split('\n')[0], seen: 'event: gone' }),
  'stream-endless-line': followed({
    see: ({ text = '' }) => [text.length > 1_000_000, text.includes('\n')],
    seen: [true, false],
  }),
  'upload-forbidden': upload(no('403 forbidden')),
  'upload-page': upload({ see: (seen) => [statusAndType(seen), sequencer.uploads.length], seen: ['200 text/html', 0] }),
  'file-too-large': { call: () => post(sequencer, 'file_create', {}), ...no('413 payload_too_large') },
  'download-expired': download(no('403 forbidden')),
  'download-cut': download({ see: ({ status, broke }) => [status, broke], seen: [200, 'UND_ERR_SOCKET'] }),
  'download-changed': download({ see: ({ text }) => text?.includes('PNG'), seen: false }),
};

test.each(FAULT_NAMES)('%s', async (name) => {
  const { options, before, call = create, see, seen } = rows[name];
  const prepared = (await before?.()) ?? '';
  const injection = await sequencer.inject(name, options);
  expect(see(await call(prepared))).toEqual(seen);
  if (name === 'refused') return;
  expect(injection.hits).toBe(1);
  expect(sequencer.calls.at(-1)?.fault).toBe(name);
  await injection.stop();
  // a connection of before that the fault has cut may be used once more
  const answered = async () => (await post(sequencer, 'webhook_secret')).status;
  await expect.poll(answered, { timeout: 10_000 }).toBe(200);
});

test.each(FAULT_NAMES)('%s ends when it is stopped', async (name) => {
  const { options, before, call = create, see, seen } = rows[name];
  const prepared = (await before?.()) ?? '';
  await (await sequencer.inject(name, options)).stop();
  expect(see(await call(prepared))).not.toEqual(seen);
});

test('a fault of a submit hits a submit of many, too', async () => {
  const hits = Object.entries(faults).filter(([, { calls }]) => calls.includes('task_create'));
  expect(hits.length).toBeGreaterThan(20);
  for (const [name, { calls }] of hits) expect([name, calls.includes('tasks_create')]).toEqual([name, true]);
});

const createMany = () =>
  post(sequencer, 'tasks_create', { tasks: ['a', 'b'].map((job_id) => ({ ...details, job_id })) });

test.each<[FaultName, seen: unknown]>([
  ['batch-order', ['b', 'a']],
  ['batch-gaps', ['b']],
  ['batch-empty', []],
  ['batch-null', undefined],
  ['batch-twice', ['a', 'b', 'a', 'b']],
  ['batch-garbage', [undefined, undefined, undefined, undefined]],
  ['batch-unavailable', ['a unavailable', 'b unavailable']],
])('%s: the same for a submit of many', async (name, seen) => {
  await sequencer.inject(name);
  const { results } = JSON.parse((await createMany()).text ?? '');
  const tell = (result: { job_id?: string; error?: { code: string } } | null) =>
    result?.error ? `${result.job_id} ${result.error.code}` : result?.job_id;
  expect(results?.map(tell)).toEqual(seen);
  // what is said to be refused is not there
  expect(sequencer.tasks).toHaveLength(name === 'batch-unavailable' ? 0 : 2);
});

test('batch-missing and batch-refused: the same for a submit of many', async () => {
  await sequencer.inject('batch-refused', { times: 1 });
  expect(code(await createMany())).toBe('400 invalid_request');
  await sequencer.inject('batch-missing');
  expect(code(await createMany())).toBe('404 not_found');
  expect(sequencer.tasks).toEqual([]);
});

test('a fault says in one sentence what happens', () => {
  for (const [name, { summary }] of Object.entries(faults)) expect(summary, name).toMatch(/^[A-Z].*[.!]$/);
});
