// The page's server: what it lets through, and what not.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalNetwork } from '@heurist/dev';
import { startLocalNetwork } from '@heurist/dev';
import { listen } from '@heurist/server-kit/listen';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { definitions as text2image } from '@heurist/text2image/definition';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoServer, startServer } from '../server/start-server.ts';
import type { FamilyInfo } from '../shared/api.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'demo-server-'));
let network: LocalNetwork;
let server: DemoServer;
const webDir = mkdtempSync(join(tmpdir(), 'web-'));
beforeAll(async () => {
  await prepareDataFolder(dataDir);
  network = await startLocalNetwork({ workflows: text2image, allowPrivateInputs: false, dataDir });
  server = await startServer({
    workflowURL: network.url,
    apiKey: network.apiKey,
    webDir,
    hostNames: ['studio.example.com'],
  });
});
afterAll(async () => {
  await server.close();
  await network.close();
  rmSync(webDir, { recursive: true });
  rmSync(dataDir, { recursive: true, force: true });
});

async function call(path: string, init: RequestInit = {}, url = server.url) {
  const response = await fetch(`${url}/api/${path}`, init);
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return { status: response.status, json: (await response.json()) as any };
}
const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
let jobs = 0;
const task = (more: object = {}) => ({
  family: 'text2image',
  workflow_id: 'tiny',
  options: { prompt: 'red apple', steps: 2 },
  job_id: `job-00000${jobs++}`,
  ...more,
});

/** Follows the stream until the task has ended. */
async function untilEnded(task_id: string): Promise<string[]> {
  const response = await fetch(`${server.url}/api/events?task=${task_id}`);
  const events = (await response.text()).split('\n').filter((line) => line.startsWith('data:'));
  return events.map((line) => JSON.parse(line.slice(5)).status);
}

/** Asks under another name: `fetch` does not let one set the header. */
function ask(path: string, host: string, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(`${server.url}${path}`, { method, headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('error', reject).end();
  });
}

test('names of others are refused: a page elsewhere could point one at this machine', async () => {
  for (const path of ['/', '/api/catalogue', '/api/events']) expect(await ask(path, 'evil.example')).toBe(403);
  expect(await ask('/api/tasks', 'evil.example', 'POST')).toBe(403);
  for (const host of ['localhost:8080', '127.0.0.1', 'studio.example.com'])
    expect(await ask('/api/catalogue', host)).toBe(200);
  expect(await ask('/healthz', 'evil.example')).toBe(200);
});

describe('tasks', () => {
  test('submit, follow, fetch; the same press of the button is the same task', async () => {
    const body = task();
    const { status, json } = await call('tasks', post(body));
    expect(status).toBe(200);
    expect((await call('tasks', post(body))).json).toEqual(json);
    expect((await untilEnded(json.task_id)).at(-1)).toBe('finished');
    const { json: state } = await call(`tasks/${json.task_id}`);
    expect(state.outputs[0].url).toBe(`/api/tasks/${json.task_id}/outputs/0`);
    // neither the network's address nor anything signed by it
    expect(JSON.stringify(state)).not.toMatch(/signature|result/);
    const file = await fetch(`${server.url}${state.outputs[0].url}?download`);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename=".*\.png"$/);
    expect(file.headers.get('content-security-policy')).toContain('sandbox');
    expect(await sharp(Buffer.from(await file.arrayBuffer())).metadata()).toMatchObject({ width: 128, format: 'png' });
    expect((await call(`tasks/${json.task_id}/outputs/7`)).status).toBe(404);
  });

  test.each([
    ['an option of another model', task({ options: { prompt: 'x', guidance: 3 } }), 400, /guidance/],
    ['a value out of range', task({ options: { prompt: 'x', steps: 0 } }), 400, /steps.*from 1/],
    ['no prompt', task({ options: {} }), 400, /prompt/],
    ['an unknown package', task({ family: 'constructor' }), 400, /Unknown workflow package .*constructor/],
    ['an unknown model', task({ workflow_id: 'sd14' }), 400, /sd14/],
    ['options that are not values', task({ options: { prompt: ['x'] } }), 400, /options/],
    ['a body that is not an object', 'x', 400, /must be an object/],
    ['a body that is too large', task({ options: { prompt: 'x'.repeat(200_000) } }), 413, /100 kB/],
    [
      'an output of a task that does not exist',
      task({ options: { prompt: 'x', image_url: { task_id: 'none', output: 0 } } }),
      404,
      /not_found/,
    ],
  ])('refuses %s', async (_, body, status, message) => {
    const reply = await fetch(`${server.url}/api/tasks`, post(body));
    expect(reply.status).toBe(status);
    expect(await reply.text()).toMatch(message);
  });

  test('each wrong field is named with what it must be', async () => {
    const wrong = {
      family: 1,
      workflow_id: null,
      options: { prompt: ['x'], steps: { task_id: 'a b' } },
      job_id: 'a b',
    };
    const { status, json } = await call('tasks', post(wrong));
    expect([status, json.message.split('; ')]).toEqual([
      400,
      [
        'Invalid request: family: must be the name of a workflow package',
        'workflow_id: must be a workflow id',
        'options.prompt: must be text, a number or a file',
        'options.steps: must be text, a number or a file',
        'job_id: must be an id of 8 to 100 letters, digits, `-` or `_`.',
      ],
    ]);
    expect((await call('tasks', post([]))).json.message).toBe('Invalid request: body: must be an object.');
    expect((await call('tasks', post({ ...task(), options: 3 }))).json.message).toMatch(
      /options: must be an object of options/,
    );
  });

  test.each(['..%2F..%2Fmetrics', 'x'.repeat(200), 'nobody', '%00'])('no such task: %s', async (id) => {
    expect((await call(`tasks/${id}`)).status).toBe(404);
  });

  test('a stream follows a number of tasks, is kept alive, and ends in time', async () => {
    // a miner has asked for it and does not ask again: it waits
    const key = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')).miner;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const body = JSON.stringify({ workflow_ids: ['sdxl'] });
    await fetch(`${network.url}/miner_request`, { method: 'POST', headers, body });
    const waiting = task({ workflow_id: 'sdxl', options: { prompt: 'a lighthouse' } });
    const { task_id } = (await call('tasks', post(waiting))).json;
    const { task_id: third } = (await call('tasks', post(task()))).json;
    const limits = { followedTasks: 2, keepAliveMs: 30, streamMs: 1000 };
    const limited = await startServer({ workflowURL: network.url, apiKey: network.apiKey, webDir, limits });
    const response = await fetch(`${limited.url}/api/events?task=${task_id}&task=nobody&task=${third}`);
    const text = await response.text();
    expect(text).toContain(task_id);
    expect(text).not.toContain(third);
    expect(text).toContain(': keep-alive');
    expect((await call(`tasks/${task_id}`)).json.status).toBe('waiting');
    await call(`tasks/${task_id}/cancel`, post({}));
    await limited.close();
  });

  test('a stream is not opened for what is no id', async () => {
    const reply = await fetch(`${server.url}/api/events?task=a%20b`);
    expect([reply.status, await reply.json()]).toEqual([404, { code: 'not_found', message: 'Task not found.' }]);
  });

  test('a stream of tasks that do not exist ends', async () => {
    expect(await untilEnded('00000000-0000-4000-8000-000000000000')).toEqual([]);
  });
});

describe('files', () => {
  const upload = (body: BodyInit): RequestInit => ({ method: 'POST', body, headers: { 'content-type': 'image/png' } });
  const picture = () =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();

  test('what was uploaded can be loaded', async () => {
    const bytes = await picture();
    const { json } = await call('files', upload(new Uint8Array(bytes)));
    const seen = await fetch(`${server.url}/api/files?url=${encodeURIComponent(json.url)}`);
    expect(Buffer.from(await seen.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('an upload that is not an image is refused in words', async () => {
    const page = await call('files', upload('<script>alert(1)</script>'));
    expect([page.status, page.json.message]).toEqual([400, expect.stringContaining('not an image')]);
  });

  test('nothing else is fetched for a visitor', async () => {
    let hits = 0;
    const inside = createServer((_, response) => {
      hits++;
      response.end('secret');
    });
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
    const { port } = inside.address() as AddressInfo;
    const { host } = new URL(network.url);
    const urls = [
      `http://127.0.0.1:${port}/artifacts/x`,
      `http://${host}@127.0.0.1:${port}/artifacts/x`,
      `${network.url}/healthz`,
      `${network.url}/artifacts/../healthz`,
      `${network.url}/artifacts/%2e%2e/healthz`,
      'file:///etc/passwd',
      'nonsense',
      '',
    ];
    for (const url of urls) expect((await call(`files?url=${encodeURIComponent(url)}`)).status).toBe(404);
    await new Promise((resolve) => inside.close(resolve));
    expect(hits).toBe(0);
  });
});

describe('the key', () => {
  test('is in no reply', async () => {
    const key = network.apiKey.split('#')[1]!;
    for (const path of ['catalogue', 'network', 'tasks/x', 'nothing'])
      expect(await (await fetch(`${server.url}/api/${path}`)).text()).not.toContain(key);
  });

  test('is not lent to other sites', async () => {
    const form = { 'content-type': 'text/plain', origin: 'https://elsewhere.example' };
    const { status, json } = await call('tasks', post(task(), form));
    expect([status, json]).toEqual([403, { code: 'forbidden', message: 'Requests from other sites are not allowed.' }]);
  });

  test('that is wrong is reported as the server’s problem', async () => {
    const other = await startServer({ workflowURL: network.url, apiKey: 'local#wrong', webDir });
    const { status, json } = await call('network', {}, other.url);
    expect([status, json.message]).toEqual([503, expect.stringContaining("rejected the demo server's API key")]);
    await other.close();
  });
});

describe('the network', () => {
  test('that is down is reported at once', async () => {
    const other = await startServer({
      workflowURL: 'http://127.0.0.1:9',
      apiKey: 'local#key',
      webDir,
      limits: { networkTimeoutMs: 200 },
    });
    const { status, json } = await call('network', {}, other.url);
    expect([status, json]).toEqual([503, { code: 'unavailable', message: 'The network is not responding.' }]);
    await other.close();
  });

  test('that has only the calls of the reference is accepted', async () => {
    const reference = createServer((_, response) => response.writeHead(404).end('{"error":"no such call"}'));
    const workflowURL = await listen(reference, 0, '127.0.0.1');
    const other = await startServer({ workflowURL, apiKey: 'local#key', webDir });
    expect((await call('network', {}, other.url)).json).toEqual({ isSilent: true });
    await other.close();
    await new Promise((resolve) => reference.close(resolve));
  });
});

test('the catalogue has every package, with forms for every graph', async () => {
  const { json } = await call('catalogue');
  const families = json as FamilyInfo[];
  const names = families.map(({ name }) => name).toSorted();
  const all = [
    'flux-lora',
    'image2image',
    'image2video',
    'inpaint',
    'text2audio',
    'text2image',
    'text2video',
    'upscaler',
  ];
  expect(families[0]?.name).toBe('text2image');
  expect(names).toEqual(all);
  for (const { task, workflows } of families) {
    expect(task).toMatch(/^\w+Task$/);
    for (const { options, required, files } of workflows) {
      expect(Object.keys(options)).toEqual(expect.arrayContaining([...required, ...Object.keys(files)]));
      for (const rule of Object.values(options)) expect(rule.description).toBeTruthy();
    }
  }
});

test('a port in use: the error says how to change it', async () => {
  const port = Number(new URL(server.url).port);
  const second = startServer({ workflowURL: network.url, apiKey: network.apiKey, webDir }, { port });
  await expect(second).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringMatching(new RegExp(`^Port ${port} is already in use\\..*\`PORT\``)),
  });
});

test('an unknown call is named', async () => {
  expect((await call('nothing')).json).toEqual({ code: 'not_found', message: 'Unknown API call: GET /api/nothing.' });
});
