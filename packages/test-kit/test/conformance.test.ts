// The same calls to a real sequencer and to this one: what one refuses the other refuses in the same words, and what they answer has
// the same shape.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { definitions } from '@heurist/upscaler/definition';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../src/calls/routes.ts';
import { createTestSequencer, type TestSequencer } from '../src/index.ts';
import { look } from './raw.ts';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
let real: Sequencer;
let kit: TestSequencer;
let sides: Side[];
let minerKey: string;

/** One of the two. */
interface Side {
  url: string;
  key: string;
}

const kitKey = 'test#test-key';

beforeAll(async () => {
  real = await createSequencer({
    database: await openDatabase(join(folder, 'database')),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: definitions,
  });
  kit = await createTestSequencer({ workflows: definitions });
  kit.on('*').wait();
  minerKey = await real.createKey('miner', 'rig');
  sides = [
    { url: await real.listen(), key: await real.createKey('consumer', 'test') },
    { url: kit.url, key: kitKey },
  ];
}, 120_000);
afterAll(async () => {
  await real?.close();
  await kit?.close();
  rmSync(folder, { recursive: true, force: true });
});

const parameters = { image: 'https://example.com/a.png', scale: 2 };
const good = { task_type: 'upscaler', task_details: { parameters } };

async function call({ url, key }: Side, name: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return { status: response.status, json: (await response.json()) as any, headers: response.headers };
}

const LOOSE = new Set(['warning', 'eta_seconds']);

/** Names and types, all the way down, without what depends on miners and estimates. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  const known = Object.entries(value).filter(([name]) => !LOOSE.has(name));
  return Object.fromEntries(known.map(([name, inner]) => [name, shapeOf(inner)]));
}

const deep = (levels: number): object => (levels ? { a: deep(levels - 1) } : {});

const refusedSubmits: Record<string, unknown> = {
  'an empty body': '',
  'half a body': '{"task_type":',
  'a list': [],
  null: null,
  'no task_type': { task_details: {} },
  'a number as task_type': { ...good, task_type: 7 },
  'an empty task_type': { ...good, task_type: '' },
  'a task_type that is too long': { ...good, task_type: 'x'.repeat(201) },
  'no task_details': { task_type: 'upscaler' },
  'a list as task_details': { ...good, task_details: [] },
  'a number as task_details': { ...good, task_details: 5 },
  'task_details that are not JSON': { ...good, task_details: '{' },
  'task_details that are a JSON number': { ...good, task_details: '5' },
  'parameters that are a text': { ...good, task_details: { parameters: 'a' } },
  'a job_id that is a number': { ...good, job_id: 5 },
  'a job_id that is too long': { ...good, job_id: 'x'.repeat(201) },
  'a timeout of 0': { ...good, timeout_seconds: 0 },
  'a timeout of two days': { ...good, timeout_seconds: 172_800 },
  'a timeout as text': { ...good, timeout_seconds: '60' },
  'an unknown priority': { ...good, priority: 'urgent' },
  'reject_if_unservable as text': { ...good, reject_if_unservable: 'yes' },
  'a webhook_url that is too long': { ...good, webhook_url: `https://example.com/${'x'.repeat(2000)}` },
  'a webhook_url that is not one': { ...good, webhook_url: 'nowhere' },
  'a webhook_url that is not http': { ...good, webhook_url: 'ftp://example.com/' },
  'a webhook_url with a password': { ...good, webhook_url: 'https://me:secret@example.com/' },
  'several wrong fields': { task_type: 7, priority: 'urgent', timeout_seconds: -1 },
  'an unknown task_type': { ...good, task_type: 'teleport' },
  'an unknown workflow_id': { ...good, workflow_id: 'teleport' },
  'a workflow of another type': { ...good, task_type: 'txt2img', workflow_id: 'upscaler' },
  'no parameters': { ...good, task_details: { parameters: {} } },
  'an unknown parameter': { ...good, task_details: { parameters: { ...parameters, speed: 3 } } },
  'a wrong parameter': { ...good, task_details: { parameters: { ...parameters, scale: 3 } } },
  'an image that is not a URL': { ...good, task_details: { parameters: { image: 'photo.png' } } },
  'a text that is too long': { ...good, task_details: { parameters: { image: `https://a.b/${'x'.repeat(32_000)}` } } },
  'parameters that are too long': { ...good, task_details: { parameters: { a: Array(10).fill('x'.repeat(30_000)) } } },
  'too many levels': { ...good, task_details: { parameters: deep(70) } },
  'too many levels in a text': { ...good, task_details: JSON.stringify(deep(70)) },
  'U+0000': { ...good, job_id: 'a\0b' },
  'U+0000 in a name': { ...good, task_details: { parameters: { 'a\0': 1 } } },
  'a backslash before u0000': { ...good, task_type: '\\u0000' },
  'half a surrogate pair': { ...good, job_id: 'a\ud800' },
  'half a surrogate pair in a text': { ...good, task_details: '{"image":"\\ud800"}' },
  'a body over a megabyte': { ...good, more: 'x'.repeat(1_000_001) },
};

test.each(Object.entries(refusedSubmits))('task_create refuses %s in the same words', async (_, body) => {
  const [expected, seen] = await Promise.all(sides.map((side) => call(side, 'task_create', body)));
  expect(expected!.status).toBeGreaterThanOrEqual(400);
  expect({ status: seen!.status, json: seen!.json }).toEqual({ status: expected!.status, json: expected!.json });
});

/** Of servers that hand sessions to pages: their apps test those against a local network. */
const ELSEWHERE = ['session_create', 'session_revoke'];

test('every call that apps make is here', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the document of any server
  const { paths } = (await (await fetch(`${sides[0]!.url}/openapi.json`)).json()) as any;
  const names = Object.keys(paths)
    .filter((path) => paths[path].post?.tags?.includes('consumer'))
    .map((path) => path.slice(1));
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !ELSEWHERE.includes(name)).toSorted()).toEqual(Object.keys(routes).toSorted());
});

test('tasks_create refuses each of them in the same words, and not what is beside them', async () => {
  const tasks = Object.values(refusedSubmits).filter(
    (task) => typeof task !== 'string' && JSON.stringify(task).length < 500_000,
  );
  const [expected, seen] = await Promise.all(
    sides.map((side) => call(side, 'tasks_create', { tasks: [good, ...tasks, { ...good, job_id: 'last' }] })),
  );
  const outcomes = ({ json }: Awaited<ReturnType<typeof call>>) =>
    json.results.map(({ job_id, error }: { job_id?: string; error?: object }) => ({ job_id, error }));
  expect(outcomes(seen!)).toEqual(outcomes(expected!));
  expect(outcomes(seen!)).toEqual([
    { job_id: undefined, error: undefined },
    ...tasks.map(() => expect.objectContaining({ error: expect.anything() })),
    { job_id: 'last', error: undefined },
  ]);
});

const otherCalls: [name: string, body: unknown, headers?: Record<string, string>][] = [
  ['task_result_query', {}],
  ['task_result_query', { task_id: 5 }],
  ['task_result_query', { task_id: 'x'.repeat(201) }],
  ['task_result_query', { task_id: 'nobody' }],
  ['task_result_query', { task_id: '00000000-0000-4000-8000-000000000000' }],
  ['task_cancel', { task_id: '00000000-0000-4000-8000-000000000000' }],
  ['task_cancel', {}],
  ['task_events', {}],
  ['task_events', { task_id: '00000000-0000-4000-8000-000000000000' }],
  ['tasks_create', {}],
  ['tasks_create', { tasks: [] }],
  ['tasks_create', { tasks: good }],
  ['tasks_create', { tasks: Array(501).fill(good) }],
  ['tasks_create', { tasks: [good], user_id: 5 }],
  ['tasks_create', { tasks: [good] }, { authorization: 'Bearer test#wrong' }],
  ['tasks_create', { tasks: Array(100).fill({ more: 'x'.repeat(20_000) }) }],
  ['tasks_query', {}],
  ['tasks_query', { task_ids: [] }],
  ['tasks_query', { task_ids: 'nobody' }],
  ['tasks_query', { task_ids: [5] }],
  ['tasks_query', { task_ids: Array(501).fill('nobody') }],
  ['tasks_events', {}],
  ['tasks_events', { tasks: ['nobody'] }],
  ['tasks_events', { tasks: [{ task_id: 'nobody', last_event_id: 5 }] }],
  ['tasks_events', { tasks: Array.from({ length: 2001 }, (_, index) => ({ task_id: `${index}` })) }],
  ['file_create', {}],
  ['file_create', { content_type: 'picture', bytes: 3 }],
  ['file_create', { content_type: 'image/png, text/html', bytes: 3 }],
  ['file_create', { content_type: 'image/png', bytes: 0 }],
  ['file_create', { content_type: 'image/png', bytes: 3, sha256: 'x' }],
  ['file_create', { content_type: 'image/png', bytes: 1.5 }],
  ['file_create', { content_type: 'image/png', bytes: 1e12 }],
  // what the upscaler takes, and one more
  ['file_create', { content_type: 'image/png', bytes: 50_000_001 }],
  ['file_create', { content_type: 'image/png', bytes: 50_000_001, task_type: 'upscaler', parameter: 'image' }],
  ['file_create', { content_type: 'image/png', bytes: 3, parameter: 5 }],
  ['network_status', []],
  ['webhook_secret', { api_key: 5 }],
  ['resource_request', { task_type: 5 }],
  ['no_such_call', {}],
  ['task_create', good, { authorization: '' }],
  ['task_create', good, { authorization: 'Bearer test#wrong' }],
  ['task_create', good, { authorization: 'Bearer wrong' }],
  ['task_create', { ...good, consumer_id: 'another' }],
  ['task_create', { ...good, api_key: 'wrong' }],
  ['task_create', {}, { authorization: '' }],
  ['task_create', { ...good, more: 'x'.repeat(30_000), task_type: 5 }, { authorization: '' }],
  ['task_create', good, { 'heurist-protocol': '99' }],
  ['task_create', good, { 'heurist-protocol': 'two' }],
];

test.each(otherCalls.map((row, index) => [index + 1, ...row] as const))(
  'call %i, %s, is refused in the same words',
  async (_, name, body, headers) => {
    const [expected, seen] = await Promise.all(sides.map((side) => call(side, name, body, headers)));
    expect(expected!.status).toBeGreaterThanOrEqual(400);
    expect({ status: seen!.status, json: seen!.json }).toEqual({ status: expected!.status, json: expected!.json });
    expect(seen!.headers.get('heurist-protocol')).toBe(expected!.headers.get('heurist-protocol'));
  },
);

const accepted: [name: string, bodyOf: (task_id: string) => object][] = [
  ['task_create', () => good],
  ['task_create', () => ({ ...good, job_id: null, workflow_id: null, timeout_seconds: null, priority: null })],
  ['task_create', () => ({ ...good, task_details: JSON.stringify({ parameters }) })],
  ['task_create', () => ({ ...good, task_details: parameters, unknown_field: 1 })],
  ['tasks_create', () => ({ tasks: [{ ...good, job_id: 'one-of-many' }] })],
  ['tasks_create', () => ({ tasks: [{ ...good, job_id: 'one-of-many', task_type: 'teleport' }] })],
  ['tasks_create', () => ({ tasks: [{ ...good, job_id: 'one-of-many', timeout_seconds: 9 }] })],
  ['task_result_query', (task_id) => ({ task_id })],
  ['tasks_query', (task_id) => ({ task_ids: [task_id] })],
  ['tasks_query', () => ({ task_ids: ['nobody'] })],
  ['file_create', () => ({ content_type: 'image/png', bytes: 3 })],
  ['webhook_secret', () => ({})],
  ['resource_request', () => ({})],
  ['task_cancel', (task_id) => ({ task_id })],
  ['task_cancel', (task_id) => ({ task_id })],
  ['task_result_query', (task_id) => ({ task_id })],
];

test('the same answers have the same shape', async () => {
  const ids = await Promise.all(sides.map(async (side) => (await call(side, 'task_create', good)).json.task_id));
  for (const [name, bodyOf] of accepted) {
    const replies = await Promise.all(sides.map((side, index) => call(side, name, bodyOf(ids[index]))));
    const [expected, seen] = replies.map(({ status, json }) => ({ status, shape: shapeOf(json) }));
    expect(seen, name).toEqual({ ...expected, status: 200 });
  }
});

test('a job_id stands for one task, of one kind', async () => {
  const answers = sides.map(async (side) => {
    const job_id = 'the-same';
    const first = await call(side, 'task_create', { ...good, job_id });
    const again = await call(side, 'task_create', { ...good, job_id, priority: 'high' });
    const other = { parameters: { ...parameters, scale: 4 } };
    const conflict = await call(side, 'task_create', { ...good, job_id, task_details: other });
    const longer = await call(side, 'task_create', { ...good, job_id, timeout_seconds: 9 });
    return [first.json.task_id === again.json.task_id, conflict.json, longer.json];
  });
  const [expected, seen] = await Promise.all(answers);
  expect(seen).toEqual(expected);
});

/** Runs the oldest task of the real network, as a miner does. */
async function finishReally(url: string): Promise<void> {
  const miner = { url, key: minerKey };
  const { json: claim } = await call(miner, 'miner_request', { workflow_ids: ['upscaler'] });
  const bytes = Buffer.from('iVBORw0KGgoAAAANSUhEUg==', 'base64');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const facts = { filename: 'a.png', kind: 'image', content_type: 'image/png', bytes: bytes.length, sha256 };
  const { lease_id } = claim;
  const { json: slot } = await call(miner, 'miner_upload', { lease_id, ...facts, width: 1, height: 1 });
  await fetch(slot.upload_url, { method: 'PUT', body: bytes, headers: slot.upload_headers });
  const done = { lease_id, success: true, artifact_ids: [slot.artifact_id], parameters };
  await call(miner, 'miner_submit', { ...done, inference_latency: 1, upload_latency: 0.1 });
}

test('a finished task and its event stream look the same', async () => {
  const [realSide, kitSide] = sides as [Side, Side];
  // tasks of the tests before
  for (let ended = false; !ended; ) {
    const { json } = await call({ url: realSide.url, key: minerKey }, 'miner_request', { workflow_ids: ['upscaler'] });
    ended = json.task_id === null;
  }
  const ids = await Promise.all(sides.map(async (side) => (await call(side, 'task_create', good)).json.task_id));
  await finishReally(realSide.url);
  kit.tasks.at(-1)!.finish();
  const states = await Promise.all(
    sides.map(async (side, index) => (await call(side, 'task_result_query', { task_id: ids[index] })).json),
  );
  const [expected, seen] = states.map(({ timings: { upload_ms, ...timings }, ...state }) =>
    shapeOf({ ...state, timings }),
  );
  expect(seen).toEqual(expected);

  const streams = await Promise.all(
    [realSide, kitSide].map((side, index) =>
      look(`${side.url}/task_events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${side.key}` },
        body: JSON.stringify({ task_id: ids[index] }),
      }),
    ),
  );
  const [expectedStream, seenStream] = streams.map(({ status, headers, text = '' }) => ({
    status,
    type: headers?.get('content-type'),
    fields: text.split('\n').map((line) => line.split(':')[0]),
    event: /event: (\w+)/.exec(text)?.[1],
  }));
  expect(seenStream).toEqual(expectedStream);

  const ofMany = await Promise.all(
    [realSide, kitSide].map((side, index) =>
      look(`${side.url}/tasks_events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${side.key}` },
        body: JSON.stringify({ tasks: [{ task_id: ids[index] }, { task_id: ids[index] }, { task_id: 'nobody' }] }),
      }),
    ),
  );
  const [expectedEvents, seenEvents] = ofMany.map(({ text = '' }) => {
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name).sort();
    return [names, /^data: (.*"tasks".*)$/m.exec(text)?.[1], /^data: (.*nobody.*)$/m.exec(text)?.[1]];
  });
  expect(seenEvents).toEqual(expectedEvents);
  expect(seenEvents).toEqual([['gone', 'open', 'task'], '{"tasks":2}', expect.stringContaining('There is no task')]);
});

test('files go in and out in the same way', async () => {
  const seen = sides.map(async (side) => {
    const { json } = await call(side, 'file_create', { content_type: 'image/png', bytes: 24 });
    const early = await look(json.url);
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB', 'base64');
    const short = await look(json.upload_url, { method: 'PUT', body: png.subarray(0, 20) });
    const put = await look(json.upload_url, { method: 'PUT', body: png, headers: json.upload_headers });
    const get = await look(json.url);
    const changed = await look(json.url.replace(/signature=.*/, 'signature=x'));
    return [early.status, short.status, put.status, get.status, get.headers?.get('content-type'), changed.text];
  });
  const [expected, kits] = await Promise.all(seen);
  expect(kits).toEqual(expected);
});

test('a file that was uploaded before is known by its content', async () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAACAAAA', 'base64');
  const sha256 = createHash('sha256').update(png).digest('hex');
  const seen = sides.map(async (side) => {
    const declare = async () =>
      (await call(side, 'file_create', { content_type: 'image/png', bytes: png.length, sha256 })).json;
    const first = await declare();
    await look(first.upload_url, { method: 'PUT', body: png, headers: first.upload_headers });
    const again = await declare();
    return [first.is_stored, again.is_stored, new URL(first.url).pathname === new URL(again.url).pathname];
  });
  const [expected, kits] = await Promise.all(seen);
  expect(expected).toEqual([false, true, true]);
  expect(kits).toEqual(expected);
});

test('network_status has the same fields', async () => {
  const [expected, seen] = await Promise.all(sides.map(async (side) => (await call(side, 'network_status', {})).json));
  expect(Object.keys(seen).sort()).toEqual(Object.keys(expected).sort());
  const { run_ms, ...workflow } = expected.workflows[0];
  expect(shapeOf(seen.workflows[0])).toEqual(shapeOf(workflow));
});
