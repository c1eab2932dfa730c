import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '@heurist/server-kit/listen';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ComfyHttp, HTTP_LIMITS } from './comfy-http.ts';

const limits = { callMs: 150, submitMs: 300, infoMs: 300, fileMs: 300, retries: 2, maxDelayMs: 5 };

let server: Server;
let url: string;
let calls: { method: string; path: string; body: string; key: string | undefined }[];
/** Answers by path; `silent` does not answer at all. */
let answer: (path: string, count: number) => [status: number, body: string] | 'silent' | 'broken';
let comfyui: ComfyHttp;
beforeEach(async () => {
  calls = [];
  answer = () => [200, '{}'];
  server = createServer(async (request, response) => {
    const { url: path = '', method = '', headers } = request;
    calls.push({ method, path, body: await text(request), key: headers['x-key'] as string | undefined });
    const given = answer(path, calls.length);
    if (given === 'broken') return void request.socket.destroy();
    if (given !== 'silent') response.writeHead(given[0], { 'content-type': 'application/json' }).end(given[1]);
  });
  url = await listen(server, 0, '127.0.0.1');
  comfyui = new ComfyHttp(url, { 'x-key': 'k' }, limits);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json = (value: unknown): [number, string] => [200, JSON.stringify(value)];
const graph = { a: { class_type: 'X', inputs: {} } };
const submit = () => comfyui.submit({ graph, prompt_id: 'p', client_id: 'c' });

test('the address ends with one slash, and every call has the headers', async () => {
  expect([new ComfyHttp('http://x', {}).url, new ComfyHttp('http://x/y//', {}).url]).toEqual([
    'http://x/',
    'http://x/y/',
  ]);
  answer = () => json([]);
  await comfyui.models('loras');
  expect(calls[0]).toMatchObject({ method: 'GET', path: '/models/loras', key: 'k' });
});

test('what an extension writes into the history spoils nothing else of it', async () => {
  const status = {
    status_str: 'success',
    completed: true,
    messages: [['execution_start', 'x'], null, ['end', { a: 1 }]],
  };
  answer = () => json({ p: { outputs: { 1: null, 2: ['x'], 3: { text: ['t'] } }, status } });
  expect(await comfyui.history('p')).toEqual({
    outputs: { 1: {}, 2: {}, 3: { text: ['t'] } },
    status: {
      ...status,
      messages: [
        ['', {}],
        ['', {}],
        ['end', { a: 1 }],
      ],
    },
  });
  answer = () => json({ p: { outputs: null, status: null } });
  expect(await comfyui.history('p')).toMatchObject({ outputs: {}, status: undefined });
  // whether it went well must be known
  answer = () => json({ p: { outputs: {}, status: { status_str: 'error' } } });
  await expect(comfyui.history('p')).rejects.toMatchObject({ code: 'comfyui_invalid_reply' });
});

describe('calls that fail', () => {
  test('are retried, and then say what the server returned', async () => {
    answer = () => [503, 'no'];
    await expect(comfyui.queue()).rejects.toMatchObject({
      code: 'comfyui_unreachable',
      message: `ComfyUI at ${url}/ returned status 503.`,
      status: 503,
      isRetryable: true,
    });
    expect(calls.length).toBe(1 + limits.retries);
  });

  test('are retried soon, and no later than the longest delay', async () => {
    answer = () => [503, 'no'];
    const start = Date.now();
    await expect(comfyui.queue()).rejects.toThrow();
    // without that limit, 300 and 600 ms
    expect(Date.now() - start).toBeLessThan(500);
  });

  test('and come right are no error', async () => {
    answer = (_, count) => (count < 3 ? [503, 'no'] : json({ queue_running: [], queue_pending: [] }));
    expect(await comfyui.queue()).toEqual({ running: [], pending: [] });
  });

  test.each(['free', 'cancel'] as const)('%s is retried too', async (name) => {
    answer = (_, count) => (count < 3 ? [503, 'no'] : json({ queue_running: [], queue_pending: [] }));
    await (name === 'free' ? comfyui.free() : comfyui.cancel('p'));
    expect(calls.filter(({ method }) => method === 'POST').length).toBe(3);
  });

  test('a refusal is not retried', async () => {
    answer = () => [404, 'no'];
    await expect(comfyui.queue()).rejects.toMatchObject({ status: 404, isRetryable: false });
    expect(calls.length).toBe(1);
  });

  test('a server that does not answer is given up after the time limit, at each try', async () => {
    answer = () => 'silent';
    const start = Date.now();
    await expect(comfyui.queue()).rejects.toMatchObject({
      code: 'comfyui_unreachable',
      isRetryable: true,
      message: expect.stringMatching(/^Cannot reach ComfyUI at .*Check that it is running/),
    });
    expect(calls.length).toBe(1 + limits.retries);
    expect(Date.now() - start).toBeGreaterThanOrEqual(3 * limits.callMs - 20);
    expect(Date.now() - start).toBeLessThan(5000);
  });

  test('an abort is the reason of the signal', async () => {
    answer = () => 'silent';
    await expect(comfyui.history('p', AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
    const download = comfyui.view({ filename: 'x', subfolder: '', type: 'output' }, AbortSignal.timeout(20));
    await expect(download).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('an answer in another form is named', async () => {
    answer = () => json({ queue_running: 'none', queue_pending: [] });
    await expect(comfyui.queue()).rejects.toMatchObject({
      code: 'comfyui_invalid_reply',
      message: expect.stringMatching(/does not understand: queue_running: /),
    });
  });
});

describe('submit', () => {
  const error = { type: 'value_not_in_list', message: 'Value not in list', details: 'x' };
  const node_errors = { 3: { errors: [error], class_type: 'KSampler', dependent_outputs: [] } };

  test('sends the graph under its ids', async () => {
    answer = () => json({ prompt_id: 'p', number: 1, node_errors: [] });
    await submit();
    await comfyui.submit({ graph, prompt_id: 'q' });
    expect(calls.map(({ body }) => JSON.parse(body))).toEqual([
      { prompt: graph, prompt_id: 'p', client_id: 'c' },
      { prompt: graph, prompt_id: 'q' },
    ]);
  });

  test('is never sent twice', async () => {
    answer = () => [503, 'no'];
    await expect(submit()).rejects.toMatchObject({ status: 503 });
    answer = () => 'broken';
    await expect(submit()).rejects.toMatchObject({ code: 'comfyui_unreachable', status: undefined });
    answer = () => 'silent';
    const start = Date.now();
    await expect(submit()).rejects.toMatchObject({ code: 'comfyui_unreachable' });
    expect(Date.now() - start).toBeGreaterThanOrEqual(limits.submitMs - 20);
    expect(Date.now() - start).toBeLessThan(5000);
    expect(calls.length).toBe(3);
  });

  test('a refusal has every error in one line', async () => {
    answer = () => [400, JSON.stringify({ error: { type: 't', message: 'Bad', details: 'more' }, node_errors })];
    await expect(submit()).rejects.toMatchObject({
      code: 'comfyui_invalid_graph',
      message: 'Bad more; node 3 (KSampler): Value not in list: x',
      nodeErrors: node_errors,
      prompt_id: 'p',
    });
  });

  test.each([
    ['a text', JSON.stringify({ error: 'Bad', node_errors: [] }), 'Bad'],
    ['no details', JSON.stringify({ error: { type: 't', message: 'Bad' } }), 'Bad'],
    ['an unknown form', '{"x":1}', 'The graph was refused'],
  ])('a refusal with %s', async (_, body, message) => {
    answer = () => [400, body];
    await expect(submit()).rejects.toMatchObject({ code: 'comfyui_invalid_graph', message, nodeErrors: {} });
  });

  test('a 200 that refuses some outputs takes the prompt out of the queue', async () => {
    answer = (path) =>
      json(path === '/prompt' ? { prompt_id: 'p', number: 1, node_errors } : { queue_running: [], queue_pending: [] });
    await expect(submit()).rejects.toMatchObject({
      code: 'comfyui_invalid_graph',
      message: 'Some outputs are invalid; node 3 (KSampler): Value not in list: x',
    });
    expect(calls[1]).toMatchObject({ method: 'POST', path: '/queue', body: '{"delete":["p"]}' });
  });
});

describe('cancel', () => {
  test.each([
    ['running', true],
    ['pending', false],
  ] as const)('a %s prompt', async (place, isInterrupted) => {
    const item = [[1, 'p', {}]];
    answer = () =>
      json({ queue_running: place === 'running' ? item : [], queue_pending: place === 'pending' ? item : [] });
    await comfyui.cancel('p');
    expect(calls.map(({ path }) => path)).toEqual(['/queue', '/queue', ...(isInterrupted ? ['/interrupt'] : [])]);
    if (isInterrupted) expect(calls[2]?.body).toBe('{"prompt_id":"p"}');
  });
});

test('the queue is put in order', async () => {
  answer = () =>
    json({
      queue_running: [[9, 'r']],
      queue_pending: [
        [3, 'c'],
        [1, 'a'],
        [2, 'b'],
      ],
    });
  expect(await comfyui.queue()).toEqual({ running: ['r'], pending: ['a', 'b', 'c'] });
});

test('the history of one prompt', async () => {
  answer = () => json({ 'a/b': { outputs: { 1: { images: [] } } } });
  expect(await comfyui.history('a/b')).toMatchObject({ outputs: { 1: { images: [] } } });
  expect(calls[0]?.path).toBe('/history/a%2Fb');
  expect(await comfyui.history('other')).toBeUndefined();
});

test('numbers that Python prints and JSON does not have are read as null', async () => {
  answer = () => [200, '{"p":{"outputs":{"1":{"x":[NaN, -Infinity,Infinity], "t": ["NaN is text"]}}}}'];
  expect((await comfyui.history('p'))?.outputs).toEqual({ 1: { x: [null, null, null], t: ['NaN is text'] } });
});

describe('files', () => {
  test('an upload names the file, and answers with its place', async () => {
    answer = () => json({ name: 'x (1).png', subfolder: '' });
    expect(await comfyui.upload({ bytes: new Blob(['hi']), filename: 'x.png' })).toBe('x (1).png');
    expect(calls[0]?.body).toMatch(/name="image"; filename="x\.png"[\s\S]*hi/);
    answer = () => json({ name: 'x.png', subfolder: 'sub' });
    expect(await comfyui.upload({ bytes: new Blob([]), filename: 'x.png' })).toBe('sub/x.png');
  });

  test('an upload is retried: the server knows the same bytes again', async () => {
    answer = (_, count) => (count < 3 ? [503, 'no'] : json({ name: 'x' }));
    await comfyui.upload({ bytes: new Blob([]), filename: 'x' });
    expect(calls.length).toBe(3);
  });

  test('a download', async () => {
    answer = () => [200, 'bytes'];
    const blob = await comfyui.view({ filename: 'a b.png', subfolder: 's', type: 'temp' });
    expect([await blob.text(), calls[0]?.path]).toEqual(['bytes', '/view?filename=a+b.png&subfolder=s&type=temp']);
  });

  test.each(['upload', 'view', 'objectInfo'] as const)('%s may take longer than other calls', async (name) => {
    answer = () => 'silent';
    const start = Date.now();
    const calling = {
      view: () => comfyui.view({ filename: 'x', subfolder: '', type: 'output' }),
      upload: () => comfyui.upload({ bytes: new Blob([]), filename: 'x' }),
      objectInfo: () => comfyui.objectInfo(),
    };
    await expect(calling[name]()).rejects.toMatchObject({ code: 'comfyui_unreachable' });
    expect(Date.now() - start).toBeGreaterThan(3 * limits.fileMs - 50);
    expect(Date.now() - start).toBeLessThan(6000);
  });
});

describe('what the server has', () => {
  test('folders and lists that it does not know are empty', async () => {
    answer = () => [404, ''];
    expect([await comfyui.models('x'), await comfyui.modelFiles('x'), await comfyui.nodePackVersions()]).toEqual([
      [],
      [],
      {},
    ]);
    answer = () => [400, ''];
    await expect(comfyui.models('x')).rejects.toMatchObject({ status: 400 });
  });

  test('model files', async () => {
    answer = () => json([{ name: 'a', size: 1, modified: 2 }]);
    expect(await comfyui.modelFiles('a b')).toMatchObject([{ name: 'a', size: 1, modified: 2 }]);
    expect(calls[0]?.path).toBe('/experiment/models/a%20b');
  });

  test('packs whose version is known', async () => {
    answer = () => json({ vhs: { ver: '1.0' }, other: { ver: null }, third: {} });
    expect(await comfyui.nodePackVersions()).toEqual({ vhs: '1.0' });
    expect(calls[0]?.path).toBe('/customnode/installed');
  });

  test('node classes, also one that describes itself wrongly', async () => {
    answer = () => json({ Good: { input: {}, output: ['IMAGE'], output_node: true }, Odd: { input: 5, output: 'x' } });
    expect(await comfyui.objectInfo()).toEqual({
      Good: { input: {}, output: ['IMAGE'], output_node: true },
      Odd: { input: {}, output: [], output_node: false },
    });
  });

  test('numbers that JSON lacks stay numbers in what it says of its nodes', async () => {
    answer = () => [
      200,
      '{"A": {"input": {"required": {"f": ["FLOAT", {"min": -Infinity, "max": Infinity, "x": NaN}]}}}}',
    ];
    expect((await comfyui.objectInfo()).A?.input.required?.f).toEqual([
      'FLOAT',
      { min: -Infinity, max: Infinity, x: Number.NaN },
    ]);
  });

  test.each([
    ['a b.png', '/view?filename=a+b.png&subfolder=&type=input'],
    ['x/y/a.png', '/view?filename=a.png&subfolder=x%2Fy&type=input'],
    ['a.png [output]', '/view?filename=a.png&subfolder=&type=output'],
  ])('whether it has the input file %s', async (name, path) => {
    answer = () => [200, ''];
    expect(await comfyui.hasInputFile(name)).toBe(true);
    expect(calls).toMatchObject([{ method: 'HEAD', path }]);
    answer = () => [404, ''];
    expect(await comfyui.hasInputFile(name)).toBe(false);
  });

  test('its version, and unknown if it does not say', async () => {
    answer = () => json({ system: {} });
    expect(await comfyui.systemStats()).toEqual({ system: { comfyui_version: 'unknown' }, devices: [] });
  });
});

test('the limits of a client for real servers', () => {
  expect(HTTP_LIMITS).toEqual({
    callMs: 10_000,
    submitMs: 60_000,
    infoMs: 60_000,
    fileMs: 300_000,
    retries: 3,
    maxDelayMs: 2000,
  });
});
