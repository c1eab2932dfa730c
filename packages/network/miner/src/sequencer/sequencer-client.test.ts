import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '@heurist/server-kit/listen';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SEQUENCER_LIMITS, SequencerClient } from './sequencer-client.ts';

interface Seen {
  path: string;
  method: string;
  authorization: string | undefined;
  body: string;
}

let server: Server;
let url: string;
let seen: Seen[];
let answers: Record<string, [status: number, body: object]>;
let client: SequencerClient;
beforeEach(async () => {
  seen = [];
  answers = {};
  server = createServer(async (request, response) => {
    const { url: path = '', method = '', headers } = request;
    seen.push({ path, method, authorization: headers.authorization, body: await text(request) });
    const [status, body] = answers[path] ?? [200, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  url = await listen(server, 0, '127.0.0.1');
  client = new SequencerClient(url, 'rig#secret');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const never = new AbortController().signal;
const bodies = () => seen.map(({ body }) => JSON.parse(body));

describe('claim', () => {
  test('is a long poll that shows the key, and says what is missing if that is news', async () => {
    answers['/miner_request'] = [200, { task_id: null }];
    await client.claim('c-1', ['w'], { x: ['a model'] }, never);
    await client.claim('c-2', ['w'], undefined, never, [{ key: 'a.safetensors', load_ms: 900 }]);
    expect(seen[0]).toMatchObject({ path: '/miner_request', method: 'POST', authorization: 'Bearer rig#secret' });
    expect(bodies()).toEqual([
      { claim_id: 'c-1', workflow_ids: ['w'], wait_seconds: 25, lacks: { x: ['a model'] } },
      { claim_id: 'c-2', workflow_ids: ['w'], wait_seconds: 25, warm: [{ key: 'a.safetensors', load_ms: 900 }] },
    ]);
  });

  test('says how many slots the machine has, and which machine it is', async () => {
    answers['/miner_request'] = [200, { task_id: null }];
    const [one, two] = [3, 4].map((slots) => new SequencerClient(url, 'rig#secret', { slots }));
    for (const each of [one, one, two]) await each?.claim('c', ['w'], undefined, never);
    const [first, again, other] = bodies();
    expect([first.slots, again.slots, other.slots]).toEqual([3, 3, 4]);
    expect(again.machine_id).toBe(first.machine_id);
    expect(other.machine_id).not.toBe(first.machine_id);
  });

  test('answers with a task', async () => {
    const task = {
      task_id: 't',
      lease_id: 'l',
      workflow_id: 'w',
      model_key: 'a.safetensors',
      task_details: { parameters: {} },
      heartbeat_seconds: 9,
      traceparent: '00-1-2-01',
    };
    answers['/miner_request'] = [200, task];
    expect(await client.claim('c', ['w'], undefined, never)).toEqual(task);
    answers['/miner_request'] = [200, { task_id: 't', lease_id: 'l', workflow_id: 'w' }];
    expect(await client.claim('c', ['w'], undefined, never)).toMatchObject({ task_details: {}, heartbeat_seconds: 5 });
  });

  test.each([
    ['no lease', { task_id: 't', workflow_id: 'w' }],
    ['no workflow', { task_id: 't', lease_id: 'l' }],
    ['no task', { task_id: null, lease_id: 'l', workflow_id: 'w' }],
  ])('%s is no task', async (_, body) => {
    answers['/miner_request'] = [200, body];
    expect(await client.claim('c', ['w'], undefined, never)).toBeUndefined();
  });

  test('tells once why there are no tasks, if the sequencer keeps them back', async () => {
    const told: string[] = [];
    client = new SequencerClient(url, 'rig#secret', { onNotice: (message) => told.push(message) });
    const claim = async (body: object) => {
      answers['/miner_request'] = [200, { task_id: null, ...body }];
      await client.claim('c', ['w'], undefined, never);
    };
    await claim({ msg: 'There is no task.' });
    expect(told).toEqual([]);
    const aside = { put_aside: [{ workflow_id: 'w' }] };
    await claim({ ...aside, msg: 'until\u001b[2J noon' });
    await claim({ ...aside, msg: 'until\u001b[2J noon' });
    await claim({ ...aside, msg: 'until one' });
    await claim({ msg: 'There is no task.' });
    await claim({ ...aside, msg: 'until one' });
    expect(told).toEqual(['until noon', 'until one', 'until one']);
  });

  test('is not retried: the loop does that, under the same claim', async () => {
    answers['/miner_request'] = [503, {}];
    await expect(client.claim('c', ['w'], undefined, never)).rejects.toMatchObject({ isRetryable: true });
    expect(seen.length).toBe(1);
  });
});

test('heartbeats carry progress if there is some, and are not retried', async () => {
  answers['/miner_heartbeat'] = [200, { cancel: true }];
  expect(await client.heartbeat('l', undefined)).toMatchObject({ cancel: true });
  await client.heartbeat('l', { percent: 5 });
  expect(bodies()).toEqual([{ lease_id: 'l' }, { lease_id: 'l', progress: { percent: 5 } }]);
  answers['/miner_heartbeat'] = [503, {}];
  await expect(client.heartbeat('l', undefined)).rejects.toMatchObject({ isRetryable: true });
  expect(seen.length).toBe(3);
});

test('many heartbeats go in one call, and each is answered by itself', async () => {
  const error = { code: 'lease_lost', message: 'gone', status: 409 };
  const results = [{ cancel: false, heartbeat_seconds: 7 }, { cancel: true }, { error }];
  answers['/miner_heartbeats'] = [200, { results }];
  const beats = [{ lease_id: 'a', progress: { percent: 5 } }, { lease_id: 'b' }, { lease_id: 'c' }];
  expect(await client.heartbeats(beats, 10)).toMatchObject([
    { cancel: false, heartbeat_seconds: 7 },
    { cancel: true },
    { error: { code: 'lease_lost' } },
  ]);
  await client.heartbeats(beats.slice(1), 0);
  // a sequencer refuses more than a minute
  await client.heartbeats(beats.slice(1), 100);
  expect(bodies()).toEqual([
    { heartbeats: beats, wait_seconds: 10 },
    { heartbeats: beats.slice(1) },
    { heartbeats: beats.slice(1), wait_seconds: 60 },
  ]);
});

test('a sequencer of before does not know the call for many: that is no failure; a page of a proxy is', async () => {
  answers['/miner_heartbeats'] = [404, { code: 'not_found', message: 'There is no call POST /miner_heartbeats.' }];
  expect(await client.heartbeats([{ lease_id: 'a' }], 0)).toBeUndefined();
  answers['/miner_heartbeats'] = [404, { message: 'Not Found' }];
  await expect(client.heartbeats([{ lease_id: 'a' }], 0)).rejects.toMatchObject({ isRetryable: true });
  expect(seen.length).toBe(2);
});

test('an output is announced, and then sent to the address that the sequencer names', async () => {
  answers['/miner_upload'] = [200, { artifact_id: 'a-1', upload_url: `${url}/put-here`, upload_headers: {} }];
  const output = {
    filename: 'x',
    kind: 'text',
    content_type: 'text/plain',
    bytes: 2,
    sha256: '0',
    node_id: '1',
  } as const;
  expect(await client.upload('l', output, new Blob(['hi']), never)).toBe('a-1');
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ lease_id: 'l', ...output });
  expect(seen[1]).toMatchObject({ path: '/put-here', method: 'PUT', body: 'hi' });
});

test('a report goes up as it is', async () => {
  const error = { code: 'x', message: 'm', is_retryable: false };
  const report = { lease_id: 'l', success: false, error, msg: 'm' } as const;
  answers['/miner_submit'] = [200, { status: 'ok' }];
  await client.submit(report, never).catch(() => {});
  expect(bodies()[0]).toEqual(report);
});

test('the key is not shown to a remote host over plain HTTP, unless the operator allows that', () => {
  expect(() => new SequencerClient('http://sequencer.example', 'k')).toThrow(/http/i);
  expect(() => new SequencerClient('http://sequencer.example', 'k', { allowInsecureHttp: true })).not.toThrow();
});

describe('calls that are not answered', () => {
  const limits = { waitSeconds: 0.1, graceSeconds: 0.2, heartbeatMs: 150, submitMs: 100 };
  let silent: Server;
  let arrived: number;
  beforeEach(async () => {
    arrived = 0;
    silent = createServer(() => void arrived++);
    client = new SequencerClient(await listen(silent, 0, '127.0.0.1'), 'rig#secret', { limits });
  });
  afterEach(() => {
    silent.closeAllConnections();
    silent.close();
  });

  test.each([
    ['a claim', 300, () => client.claim('c', ['w'], undefined, never)],
    ['a heartbeat', 150, () => client.heartbeat('l', undefined)],
  ])('%s is given up after its time, without a retry', async (_, limit, call) => {
    const start = Date.now();
    await expect(call()).rejects.toMatchObject({ isRetryable: true });
    expect(Date.now() - start).toBeGreaterThanOrEqual(limit - 10);
    expect(Date.now() - start).toBeLessThan(limit + 1000);
  });

  test('a report is sent again soon', async () => {
    const stopping = new AbortController();
    const error = { code: 'x', message: 'm', is_retryable: false };
    const submitting = client.submit({ lease_id: 'l', success: false, error, msg: 'm' }, stopping.signal);
    const failure = submitting.catch((reason: unknown) => reason);
    await expect.poll(() => arrived, { timeout: 5000 }).toBe(2);
    stopping.abort();
    expect(await failure).toBeInstanceOf(Error);
  });

  test('the limits for real sequencers', () => {
    expect(SEQUENCER_LIMITS).toEqual({ waitSeconds: 25, graceSeconds: 15, heartbeatMs: 5000, submitMs: 15_000 });
  });
});
