import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Heurist } from '@heurist/core';
import { listen } from '@heurist/server-kit/listen';
import { startGateway } from '@heurist/test-servers/gateway';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler, type Handler, type HandlerOptions, type Permission } from '../src/index.ts';
import { toNodeHandler } from '../src/node.ts';
import { EchoTask } from './support/echo-task.ts';
import { type Network, startNetwork } from './support/network.ts';

let network: Network;
let handler: Handler;
beforeAll(async () => {
  network = await startNetwork();
});
afterAll(() => network.stop());

/** Whoever says who they are. */
const authorize = ({ headers }: Request): Permission | undefined => {
  const user_id = headers.get('x-user');
  return user_id ? { user_id, task_types: ['echo'], max_tasks: 2, expires_in: 60 } : undefined;
};
const create = (more: Partial<HandlerOptions> = {}) =>
  createHandler({ authorize, apiKey: network.apiKey, workflowURL: network.url, ...more });
beforeEach(() => {
  handler = create();
});

const submission = { task_type: 'echo', task_details: { parameters: { text: 'hi' } } };
const ask = async (name: string, body: object, headers: Record<string, string> = {}, by = handler) => {
  const response = await by(
    new Request(`https://app.example.com/api/heurist/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'ada', ...headers },
      body: JSON.stringify(body),
    }),
  );
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
};

describe('calls of a page', () => {
  test('are made with the key of the server, for the user that authorize names', async () => {
    const { json } = await ask('task_create', { ...submission, consumer_id: 'rival', api_key: 'x', user_id: 'bob' });
    const { task_id } = json;
    expect((await ask('task_result_query', { task_id })).json.status).toBe('waiting');
    // not even by saying so in the body
    for (const name of ['task_result_query', 'task_cancel', 'task_events']) {
      const { status } = await ask(name, { task_id, user_id: 'ada' }, { 'x-user': 'bob' });
      expect([name, status]).toEqual([name, 404]);
    }
    expect((await network.call('task_result_query', { task_id }, network.apiKey)).json.status).toBe('waiting');
    expect((await ask('task_cancel', { task_id })).json.msg).toBe('canceled');
  });

  test('about many tasks show those of the user alone', async () => {
    const { task_id } = (await ask('task_create', submission)).json;
    const ofOther = (await ask('task_create', submission, { 'x-user': 'bob' })).json.task_id;
    const { results } = (await ask('tasks_query', { task_ids: [task_id, ofOther], user_id: 'bob' })).json;
    expect(results).toMatchObject([
      { task_id, status: 'waiting' },
      { task_id: ofOther, code: 'not_found' },
    ]);
    await ask('task_cancel', { task_id });
    await ask('task_cancel', { task_id: ofOther }, { 'x-user': 'bob' });
    const { status, json } = await ask('tasks_events', { tasks: [] });
    expect([status, json.code]).toEqual([400, 'invalid_request']);
  });

  test('that submit many tasks are for the user, without webhooks, priorities and other users', async () => {
    const more = { webhook_url: 'not a url', priority: 'not one', user_id: 'bob', consumer_id: 'rival', api_key: 'x' };
    const tasks = ['one', 'two', 'three'].map((job_id) => ({ ...submission, ...more, job_id }));
    const { json } = await ask('tasks_create', { tasks: [...tasks, null, 'task', {}], user_id: 'bob', api_key: 'x' });
    // what is not permitted is refused with all that came along, and nothing of it is there
    expect(json.code).toBe('forbidden');
    const { results } = (await ask('tasks_create', { tasks: [...tasks, null, 'task'] })).json;
    expect(results.map(({ job_id, error }: { job_id?: string; error?: object }) => [job_id, !error])).toEqual([
      ['one', true],
      ['two', true],
      ['three', true],
      [undefined, false],
      [undefined, false],
    ]);
    const { task_id } = results[0];
    expect((await ask('task_result_query', { task_id })).json.status).toBe('waiting');
    expect((await ask('task_result_query', { task_id }, { 'x-user': 'bob' })).status).toBe(404);
    for (const { task_id } of results.slice(0, 3)) await ask('task_cancel', { task_id });
    for (const wrong of [
      { task_type: 'secret' },
      { task_type: 'secret', workflow_id: 'secret' },
      { task_type: ['echo'] },
      {},
    ])
      expect([wrong, (await ask('tasks_create', { tasks: [submission, wrong] })).json.code]).toEqual([
        wrong,
        'forbidden',
      ]);
    for (const tasks of [undefined, 'task', {}, []])
      expect((await ask('tasks_create', { tasks })).json.code).toBe('invalid_request');
  });

  test('that are over a limit of the key say so, and are no reason to doubt the key', async () => {
    const apiKey = await network.sequencer.createKey('consumer', 'hoarder', { limits: { stored_bytes: 1000 } });
    await network.database.query(`INSERT INTO heurist.stored (consumer_id, files, bytes) VALUES ('hoarder', 1, 1000)`);
    const full = create({ apiKey });
    for (const [name, body] of [
      ['task_create', submission],
      ['file_create', { content_type: 'text/plain', bytes: 5 }],
    ] as const) {
      const { status, json } = await ask(name, body, {}, full);
      expect([name, status, json]).toEqual([
        name,
        409,
        { code: 'storage_quota_exceeded', message: expect.stringContaining('its limit allows 1000') },
      ]);
    }
  });

  test('that submit at once go together, also if some of them are refused', async () => {
    const names: string[] = [];
    const page = (request: Request) => {
      names.push(new URL(request.url).pathname.split('/').at(-1) ?? '');
      return handler(request);
    };
    const { workflow } = new Heurist({
      apiKey: 'page#none',
      workflowURL: 'https://app.example.com/api/heurist',
      headers: { 'x-user': 'ada' },
      fetch: (input, init) => page(new Request(input, init)),
    });
    const submitAll = (count: number) =>
      Promise.all(Array.from({ length: count }, () => workflow.executeWorkflow(new EchoTask())));
    const secret = new (class extends EchoTask {
      override get task_type() {
        return 'secret';
      }
    })();
    const ids = await submitAll(8);
    expect([new Set(ids).size, names]).toEqual([8, ['task_create', 'task_create', 'tasks_create']]);
    const [more, refused] = await Promise.allSettled([submitAll(5), workflow.executeWorkflow(secret)]);
    expect(names.filter((name) => name === 'tasks_create')).toHaveLength(2);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'forbidden' } });
    expect(more.status).toBe('fulfilled');
    const created = [...ids, ...(more as PromiseFulfilledResult<string[]>).value];
    for (const task_id of created) await ask('task_cancel', { task_id });
  });

  test('need a user', async () => {
    for (const name of ['task_create', 'session_create']) {
      const { status, json } = await ask(name, submission, { 'x-user': '' });
      expect([status, json.code]).toEqual([401, 'unauthorized']);
    }
    const busy = create({ authorize: () => new Response('later', { status: 418 }) });
    expect(
      (await busy(new Request('https://x/task_cancel', { method: 'POST', headers: json, body: '{}' }))).status,
    ).toBe(418);
    const unnamed = create({ authorize: () => ({ user_id: '' }) });
    await expect(ask('task_create', submission, {}, unnamed)).rejects.toThrow('`authorize` must return a `user_id`');
  });

  test('an error of authorize is not an answer', async () => {
    const broken = create({ authorize: () => Promise.reject(new Error('no database')) });
    await expect(ask('task_create', submission, {}, broken)).rejects.toThrow('no database');
  });

  test.each(['webhook_secret', 'network_status', 'key_create', 'miner_request', 'nothing', 'constructor'])(
    '%s is not passed on',
    async (name) => {
      expect((await ask(name, {})).json.code).toBe('not_found');
    },
  );

  test('submit what authorize permits, without webhooks and priorities', async () => {
    for (const wrong of [
      { task_type: 'secret' },
      { task_type: 'secret', workflow_id: 'secret' },
      { task_type: ['echo'] },
    ])
      expect([wrong, (await ask('task_create', { ...submission, ...wrong })).json.code]).toEqual([wrong, 'forbidden']);
    // of another type, so the sequencer refuses it
    expect((await ask('task_create', { ...submission, workflow_id: 'secret' })).json.code).toBe('unknown_workflow');
    const more = { webhook_url: 'not a url', priority: 'not one' };
    const { status, json } = await ask('task_create', { ...submission, ...more });
    expect(status).toBe(200);
    await ask('task_cancel', { task_id: json.task_id });
  });

  test('are no larger than the limit, whatever they declare', async () => {
    const small = create({ limits: { jsonBytes: 200, fileBytes: undefined } });
    expect((await ask('task_create', { ...submission, job_id: 'x'.repeat(200) }, {}, small)).status).toBe(413);
    const body = new Blob(['x'.repeat(1000)]).stream();
    const init = { method: 'POST', headers: { ...json, 'x-user': 'ada' }, body, duplex: 'half' };
    expect((await small(new Request('https://x/task_create', init as RequestInit))).status).toBe(413);
    for (const text of ['', '[]', 'null', '{'])
      expect((await handler(new Request('https://x/task_cancel', { ...init, body: text } as RequestInit))).status).toBe(
        400,
      );
  });

  test('of another site are refused: they would come with the cookies of a visitor', async () => {
    expect((await ask('task_create', submission, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask('task_create', submission, { 'content-type': 'text/plain' })).status).toBe(400);
    const preflight = new Request('https://x/task_create', { method: 'OPTIONS', headers: { origin: 'https://evil' } });
    expect((await handler(preflight)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('what the sequencer answers is passed on; that the key is wrong is the business of the server', async () => {
    expect((await ask('task_result_query', {})).json.message).toContain('task_id');
    const wrong = create({ apiKey: 'acme#wrong' });
    for (const name of ['task_create', 'session_create'])
      await expect(ask(name, submission, {}, wrong)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(ask('task_create', submission, {}, create({ apiKey: 'wrong' }))).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
    await expect(ask('task_create', submission, {}, create({ workflowURL: 'http://example.com' }))).rejects.toThrow(
      'unencrypted',
    );
  });

  test('a sequencer that is away, or redirects, is unavailable', async () => {
    const server = createServer((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    const workflowURL = await listen(server, 0, '127.0.0.1');
    const { status, json } = await ask('task_create', submission, {}, create({ workflowURL }));
    expect([status, json.code]).toEqual([503, 'unavailable']);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect((await ask('task_create', submission, {}, create({ workflowURL }))).status).toBe(503);
  });
});

const json = { 'content-type': 'application/json' };

test.each([
  [{ origin: 'https://app.example.com', host: 'inside:80' }, 'https://app.example.com/api/heurist/artifacts/'],
  // no browser; the server gives its requests another name, as Next does
  [{ host: '127.0.0.1:3000' }, 'http://127.0.0.1:3000/api/heurist/artifacts/'],
  [{}, 'http://localhost:3000/api/heurist/artifacts/'],
  [{ origin: 'null', host: ' bad host ' }, 'http://localhost:3000/api/heurist/artifacts/'],
])('a page uploads to where it called: %j', async (headers, address) => {
  const url = 'http://localhost:3000/api/heurist/file_create';
  const body = JSON.stringify({ content_type: 'image/png', bytes: 8 });
  const init = { method: 'POST', headers: { ...json, 'x-user': 'ada', ...headers }, body };
  const { upload_url } = (await (await handler(new Request(url, init))).json()) as { upload_url: string };
  expect(upload_url).toMatch(new RegExp(`^${address}`));
});

test('a page uploads through this handler to a network below a path', async () => {
  const gateway = await startGateway(network.url, { prefix: '/my/network' });
  const below = create({ workflowURL: gateway.url });
  const file = { content_type: 'text/plain', bytes: 5 };
  const { upload_url } = (await ask('file_create', file, {}, below)).json as { upload_url: string };
  const stored = await below(new Request(upload_url, { method: 'PUT', headers: { 'x-user': 'ada' }, body: 'hello' }));
  expect([stored.status, gateway.asked.at(-1)]).toEqual([
    200,
    expect.stringMatching(/^PUT \/my\/network\/artifacts\//),
  ]);
  await gateway.close();
});

describe('session tokens', () => {
  test('are made for the user, with what authorize permits, and not with what the page asks for', async () => {
    const asked = { task_types: ['secret'], max_tasks: 50, user_id: 'bob' };
    const { status, headers, json } = await ask('session_create', asked);
    expect([status, headers.get('cache-control'), Object.keys(json)]).toEqual([
      200,
      'no-store',
      ['session_token', 'session_id', 'expires_at'],
    ]);
    expect(Date.parse(json.expires_at) - Date.now()).toBeLessThan(60_001);
    const submit = (more: object = {}) => network.call('task_create', { ...submission, ...more }, json.session_token);
    const replies = [await submit(), await submit({ task_type: 'secret' }), await submit(), await submit()];
    expect(replies.map(({ status }) => status)).toEqual([200, 403, 200, 403]);
    for (const { json } of replies)
      if (json.task_id) await network.call('task_cancel', { task_id: json.task_id }, network.apiKey);
  });

  test('are revoked by their user: one, or all of them', async () => {
    const open = async (user: string) => (await ask('session_create', {}, { 'x-user': user })).json;
    const [one, two, three, bobs] = [await open('ada'), await open('ada'), await open('ada'), await open('bob')];
    const isOpen = async ({ session_token }: { session_token: string }) =>
      (await network.call('resource_request', {}, session_token)).status === 200;
    const { status, json } = await ask('session_revoke', { session_id: one.session_id });
    expect([status, json]).toEqual([200, { session_ids: [one.session_id] }]);
    expect([await isOpen(one), await isOpen(two)]).toEqual([false, true]);
    // not those of others, even by saying so in the body
    const foreign = await ask('session_revoke', { session_id: bobs.session_id, user_id: 'bob' });
    expect([foreign.status, foreign.json.code]).toEqual([404, 'not_found']);
    await ask('session_revoke', {});
    expect([await isOpen(two), await isOpen(three), await isOpen(bobs)]).toEqual([false, false, true]);
    expect((await ask('session_revoke', {}, { 'x-user': '' })).status).toBe(401);
    expect((await ask('session_revoke', { session_id: 7 })).json.code).toBe('invalid_request');
    const small = create({ limits: { jsonBytes: 20 } });
    expect((await ask('session_revoke', { session_id: one.session_id }, {}, small)).status).toBe(413);
  });

  test('that the network refuses are refused to the page', async () => {
    const greedy = create({ authorize: () => ({ user_id: 'ada', task_types: ['echo'], max_tasks: 1e5 }) });
    expect((await ask('session_create', {}, {}, greedy)).json.code).toBe('invalid_request');
  });
});

describe('event streams', () => {
  const open = async (task_id: string, signal?: AbortSignal, name = 'task_events') =>
    await handler(
      new Request(`https://x/api/${name}`, {
        method: 'POST',
        headers: { ...json, 'x-user': 'ada' },
        body: JSON.stringify(name === 'task_events' ? { task_id } : { tasks: [{ task_id }] }),
        ...(signal && { signal }),
      }),
    );

  test('pass through as they come, are counted for each user, and end with the request', async () => {
    handler = create({ limits: { streams: 2 } });
    const { task_id } = (await ask('task_create', submission)).json;
    const gone = new AbortController();
    const [first, second, third] = [
      await open(task_id, gone.signal),
      await open(task_id, undefined, 'tasks_events'),
      await open(task_id),
    ];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(first.headers.get('content-type')).toContain('text/event-stream');
    const reader = first.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"waiting"');
    gone.abort();
    await expect(reader.read()).rejects.toThrow();
    const next = await open(task_id);
    expect(next.status).toBe(200);
    await next.body?.cancel();
    const again = await open(task_id);
    expect(again.status).toBe(200);
    await ask('task_cancel', { task_id });
    expect(await second.text()).toContain('"canceled"');
    expect(await again.text()).toContain('"canceled"');
    expect([(await open(task_id)).status, (await open(task_id)).status]).toEqual([200, 200]);
  });
});

/** A whole program of a page, at a server that mounts the handler. */
async function usePage(server: Server) {
  const origin = await listen(server, 0, '127.0.0.1');
  try {
    const heurist = new Heurist({ apiKey: 'page#none', workflowURL: `${origin}/api/heurist` });
    const seen: string[] = [];
    const end = heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask({}), 20_000, 10_000, {
      onProgress: ({ status }) => seen.push(status),
    });
    await expect.poll(() => seen).toContain('waiting');
    await network.work();
    expect((await end).status).toBe('finished');
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const url = await heurist.workflow.uploadFile(png);
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(png);
    await expect(heurist.workflow.uploadFile(new Blob([png, new Uint8Array(3000)]))).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

describe('a page runs, waits and uploads', () => {
  const options = { limits: { fileBytes: 2000 }, authorize: () => ({ user_id: 'ada', task_types: ['echo'] }) };

  test('in Hono', async () => {
    const app = new Hono();
    const handler = create(options);
    app.all('/api/heurist/*', (c) => handler(c.req.raw));
    await usePage(createAdaptorServer({ fetch: app.fetch }) as Server);
  });

  test.each([false, true])('in Express; with express.json() before it: %s', async (isParsed) => {
    const app = express();
    if (isParsed) app.use(express.json());
    app.use('/api/heurist', toNodeHandler(create(options)));
    await usePage(createServer(app));
  });

  test('in node:http, where errors are answered', async () => {
    await usePage(createServer(toNodeHandler(create(options))));
    const broken = createServer(toNodeHandler(create({ authorize: () => Promise.reject(new Error('no')) })));
    const origin = await listen(broken, 0, '127.0.0.1');
    const reply = await fetch(`${origin}/task_cancel`, { method: 'POST', headers: json, body: '{}' });
    expect([reply.status, await reply.text()]).toEqual([500, '']);
    broken.closeAllConnections();
    broken.close();
  });

  test.each([
    ['a path of two slashes', 'POST // HTTP/1.1\r\nhost: a', 404],
    ['a path that looks like another host', 'POST //evil.example/task_cancel HTTP/1.1\r\nhost: a', 401],
    ['the address of another host', 'POST http://evil.example/task_cancel HTTP/1.1\r\nhost: a', 401],
    ['no path', 'OPTIONS * HTTP/1.1\r\nhost: a', 404],
    ['a method that Fetch does not have', 'TRACE /task_cancel HTTP/1.1\r\nhost: a', 400],
    ['a host that is none', 'POST /task_cancel HTTP/1.1\r\nhost: [a b', 400],
  ])('in node:http, %s is answered, and is no error of the app', async (_, head, status) => {
    const failed = vi.fn();
    const seen: string[] = [];
    const watched = toNodeHandler(
      create({
        authorize: ({ url }) => {
          seen.push(new URL(url).pathname);
          return undefined;
        },
      }),
    );
    const server = createServer((request, response) => watched(request, response, failed));
    const origin = await listen(server, 0, '127.0.0.1');
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.end(`${head}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n`);
    const [line] = (await text(socket)).split('\r\n');
    expect([line?.split(' ')[1], failed.mock.calls]).toEqual([`${status}`, []]);
    expect(seen.every((path) => path.endsWith('/task_cancel'))).toBe(true);
    server.close();
  });

  test('in Express, a page that goes away ends its stream', async () => {
    const gone = vi.fn();
    const app = express();
    const watching: Handler = async (request) => {
      request.signal.addEventListener('abort', gone);
      return await handler(request);
    };
    app.use('/api/heurist', toNodeHandler(watching));
    const server = createServer(app);
    const origin = await listen(server, 0, '127.0.0.1');
    const { task_id } = (await ask('task_create', submission)).json;
    const page = new AbortController();
    const stream = await fetch(`${origin}/api/heurist/task_events`, {
      method: 'POST',
      headers: { ...json, 'x-user': 'ada' },
      body: JSON.stringify({ task_id }),
      signal: page.signal,
    });
    await stream.body!.getReader().read();
    expect(gone).not.toHaveBeenCalled();
    page.abort();
    await expect.poll(() => gone.mock.calls.length).toBe(1);
    await ask('task_cancel', { task_id });
    server.closeAllConnections();
    server.close();
  });
});
