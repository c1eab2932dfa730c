import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { verifyWebhook } from '@heurist/core/webhooks';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { listen } from '@heurist/server-kit/listen';
import { ALL_PRIVATE_HOSTS, NO_PRIVATE_HOSTS } from '@heurist/server-kit/public-address';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { countWebhooks } from './webhook-table.ts';
import { type WebhookOptions, Webhooks } from './webhooks.ts';

const room = useTaskRoom();
let status: number | undefined;
let received: { request: IncomingMessage; body: string }[];
const receiver = createServer(async (request, response) => {
  received.push({ request, body: Buffer.concat(await request.toArray()).toString() });
  if (status) response.writeHead(status, { location: '/elsewhere' }).end();
});
let url: string;
beforeAll(async () => {
  url = `${await listen(receiver, 0, '127.0.0.1')}/hook`;
});
beforeEach(() => {
  status = 200;
  received = [];
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

function createWebhooks(more: Partial<WebhookOptions> = {}): Webhooks {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return new Webhooks({
    database: room.database,
    secret: 'of the network',
    privateHosts: ALL_PRIVATE_HOSTS,
    describe: async ({ task_id, status, workflow_id, attempt }, origin) => ({
      task_id,
      status,
      workflow_id,
      attempt,
      result: origin,
    }),
    closing: closing.signal,
    ...more,
  });
}

/** A task that has ended, whose webhook is due. */
async function end(to = url): Promise<string> {
  const task_id = await room.submit({ webhook: { url: to, origin: 'http://here' } });
  await room.tasks.cancel(await room.tasks.get(task_id));
  return task_id;
}

const stateOf = async (task_id: string) => {
  const query = `SELECT state, attempts, last_error, extract(epoch FROM next_at - now())::float8 AS seconds
    FROM heurist.webhook WHERE task_id = $1`;
  return (await room.database.query(query, [task_id]))[0];
};
const makeDue = () => room.database.query('UPDATE heurist.webhook SET next_at = now()');

test('the end of a task is sent, signed, once', async () => {
  const clock = new FakeClock();
  const webhooks = createWebhooks({ clock });
  const task_id = await end();
  await webhooks.deliverDue();
  const [{ request, body } = { request: undefined, body: '' }] = received;
  expect([request?.method, request?.url]).toEqual(['POST', '/hook']);
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': expect.stringMatching(new RegExp(`^${task_id}_[0-9a-f]{16}$`)),
    'webhook-timestamp': `${Math.floor(clock.now() / 1000)}`,
  });
  const event = await verifyWebhook({ headers: request!.headers, body }, webhooks.secretOf('acme'));
  expect(event).toMatchObject({
    type: 'task.canceled',
    timestamp: expect.stringMatching(/Z$/),
    data: { task_id, result: 'http://here' },
  });
  expect(await stateOf(task_id)).toMatchObject({ state: 'delivered', attempts: 1, last_error: null });
  await makeDue();
  await webhooks.deliverDue();
  expect(received).toHaveLength(1);
});

test('a task that has not ended is not due', async () => {
  await room.submit({ webhook: { url, origin: '' } });
  await createWebhooks().deliverDue();
  expect(received).toEqual([]);
});

test.each([200, 204, 299])('%i accepts the message', async (answer) => {
  status = answer;
  const task_id = await end();
  await createWebhooks().deliverDue();
  expect((await stateOf(task_id)).state).toBe('delivered');
});

test.each([300, 302, 400, 503])('%i does not: the message is sent again later', async (answer) => {
  status = answer;
  const task_id = await end();
  await createWebhooks().deliverDue();
  const state = await stateOf(task_id);
  expect(state).toMatchObject({ state: 'waiting', attempts: 1, last_error: `The receiver answered ${answer}.` });
  expect(received).toHaveLength(1);
});

test('the pauses grow over a day, and then the message is dead', async () => {
  status = 500;
  const task_id = await end();
  const pauses: number[] = [];
  for (let count = 0; count < 12; count++) {
    await createWebhooks().deliverDue();
    const { state, seconds } = await stateOf(task_id);
    expect(state).toBe('waiting');
    pauses.push(Math.round(seconds / 5) * 5);
    await makeDue();
  }
  expect(pauses).toEqual([5, 30, 120, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800]);
  await createWebhooks().deliverDue();
  expect(await stateOf(task_id)).toMatchObject({ state: 'dead', attempts: 13 });
  await makeDue();
  await createWebhooks().deliverDue();
  expect(received).toHaveLength(13);
});

test('a receiver that answers 410 is not called again', async () => {
  status = 410;
  const task_id = await end();
  await createWebhooks().deliverDue();
  expect(await stateOf(task_id)).toMatchObject({
    state: 'dead',
    last_error: 'The receiver answered 410 Gone, so it is not called again.',
  });
});

test('a receiver that does not answer in time', async () => {
  status = undefined;
  const task_id = await end();
  await createWebhooks({ timeoutMs: 60 }).deliverDue();
  expect(await stateOf(task_id)).toMatchObject({
    state: 'waiting',
    last_error: 'The receiver did not answer within 0.06 s.',
  });
});

test('a receiver that is not there', async () => {
  const task_id = await end('http://127.0.0.1:9/');
  await createWebhooks().deliverDue();
  expect((await stateOf(task_id)).last_error).toBe('ECONNREFUSED');
});

test('what is being sent when the sequencer closes is sent again later', async () => {
  status = undefined;
  const closing = new AbortController();
  const task_id = await end();
  const delivering = createWebhooks({ closing: closing.signal }).deliverDue();
  await expect.poll(() => received).toHaveLength(1);
  closing.abort();
  await delivering;
  expect(await stateOf(task_id)).toMatchObject({ state: 'waiting', last_error: 'ABORT_ERR' });
});

test('a message that a replica has taken is left to it for a minute', async () => {
  status = undefined;
  const closing = new AbortController();
  const task_id = await end();
  const delivering = createWebhooks({ closing: closing.signal }).deliverDue();
  await expect.poll(() => received).toHaveLength(1);
  const { seconds, attempts } = await stateOf(task_id);
  expect([Math.round(seconds / 10), attempts]).toEqual([6, 1]);
  await createWebhooks().deliverDue();
  expect(received).toHaveLength(1);
  closing.abort();
  await delivering;
});

test('one round sends a limited number at a time', async () => {
  for (let count = 0; count < 3; count++) await end();
  const webhooks = createWebhooks({ maxBatch: 2 });
  await webhooks.deliverDue();
  expect(received).toHaveLength(2);
  await webhooks.deliverDue();
  expect(received).toHaveLength(3);
});

test('by default 20', async () => {
  for (let count = 0; count < 21; count++) await end();
  await createWebhooks().deliverDue();
  expect(received).toHaveLength(20);
});

test('a message whose task was deleted is not sent', async () => {
  const task_id = await end();
  await room.database.query('DELETE FROM heurist.task');
  await createWebhooks().deliverDue();
  expect((await stateOf(task_id)).last_error).toBe('The task no longer exists.');
});

test('how many are due and dead', async () => {
  await room.submit({ webhook: { url, origin: '' } });
  status = 410;
  await end();
  await createWebhooks().deliverDue();
  await end();
  await end();
  expect([...(await createWebhooks().count())]).toEqual([
    ['due', 2],
    ['dead', 1],
  ]);
  expect(await countWebhooks(room.database)).toEqual({ due: 2, dead: 1 });
});

test('each consumer has a secret of its own, the same after a restart', () => {
  const webhooks = createWebhooks();
  expect(webhooks.secretOf('acme')).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(webhooks.secretOf('acme')).not.toBe(webhooks.secretOf('rival'));
  expect(createWebhooks().secretOf('acme')).toBe(webhooks.secretOf('acme'));
  expect(createWebhooks({ secret: 'other' }).secretOf('acme')).not.toBe(webhooks.secretOf('acme'));
});

test.each([
  ['nonsense', 'must be an http:// or https:// URL'],
  ['ftp://example.com/', 'must be an http:// or https:// URL'],
  ['xhttp://example.com/', 'must be an http:// or https:// URL'],
  ['http://me@example.com/', 'must not contain a password'],
  ['http://:secret@example.com/', 'must not contain a password'],
  ['http://10.0.0.1/', 'must be a public address (got 10.0.0.1)'],
])('%s is refused', (address, message) => {
  const check = () => createWebhooks({ privateHosts: NO_PRIVATE_HOSTS }).checkUrl(address);
  expect(check).toThrow(`webhook_url ${message}`);
  expect(check).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

test('public addresses are accepted, private ones if the operator allows it', () => {
  const webhooks = createWebhooks({ privateHosts: NO_PRIVATE_HOSTS });
  for (const address of ['https://example.com/hook', 'http://example.com:8080/'])
    expect(() => webhooks.checkUrl(address)).not.toThrow();
  expect(() => createWebhooks().checkUrl('http://10.0.0.1/')).not.toThrow();
});

test('a name of a private address is found out when the message is sent', async () => {
  const task_id = await end(url.replace('127.0.0.1', 'localhost'));
  await createWebhooks({ privateHosts: NO_PRIVATE_HOSTS }).deliverDue();
  expect((await stateOf(task_id)).last_error).toContain('localhost');
  expect(received).toEqual([]);
});

test('the id of a message tells outcomes apart, and nothing else', async () => {
  const task_id = await end();
  const output = {
    url: '',
    kind: 'image',
    content_type: 'image/png',
    bytes: 9,
    sha256: 'a',
    filename: 'x.png',
  } as const;
  type Data = Awaited<ReturnType<WebhookOptions['describe']>>;
  const idOf = async (data: Partial<Data>) => {
    received = [];
    await room.database.query(`UPDATE heurist.webhook SET state = 'waiting', next_at = now()`);
    await createWebhooks({ describe: async () => ({ task_id, status: 'finished', ...data }) }).deliverDue();
    return received[0]?.request.headers['webhook-id'];
  };
  const outcomes: Partial<Data>[] = [
    { outputs: [output] },
    { outputs: [{ ...output, sha256: 'b' }] },
    { outputs: [output, output] },
    { outputs: [output], parameters: { seed: 1 } },
    { result: 'https://example.com/a' },
    { result: 'https://example.com/b' },
    { status: 'canceled' },
    { status: 'failed', error: { code: 'x', message: 'no', is_retryable: false } },
    { status: 'failed', error: { code: 'y', message: 'no', is_retryable: false } },
  ];
  const ids = [];
  for (const outcome of outcomes) ids.push(await idOf(outcome));
  expect(new Set(ids).size).toBe(outcomes.length);
  // another link, another run
  const again = {
    outputs: [{ ...output, url: 'https://here/1' }],
    result: 'https://here/1',
    attempt: 2,
    timings: { run_ms: 9 },
  };
  expect(await idOf(again)).toBe(ids[0]);
});

test('receivers that hang delay only the webhooks of their owner', async () => {
  const hanging = createServer(() => {});
  const hang = `${await listen(hanging, 0, '127.0.0.1')}/hook`;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const webhooks = createWebhooks({ closing: closing.signal });
  const endOf = async (consumer_id: string, to: string) => {
    const task_id = await room.submit({ consumer_id, webhook: { url: to, origin: 'http://here' } });
    await room.tasks.cancel(await room.tasks.get(task_id));
  };
  for (let count = 0; count < 60; count++) await endOf('stranger', hang);
  for (const owner of ['acme', 'other']) for (let count = 0; count < 3; count++) await endOf(owner, url);
  // each call stands for half a second; those that hang go on
  const calls = Array.from({ length: 5 }, () => webhooks.deliverDue());
  await expect.poll(() => received.length, { timeout: 5000 }).toBe(6);
  const [row] = await room.database.query(`SELECT count(*)::int FROM heurist.webhook WHERE url = $1 AND attempts > 0`, [
    hang,
  ]);
  expect(row?.count).toBeGreaterThan(0);
  expect(row?.count).toBeLessThan(40);
  closing.abort();
  await Promise.all(calls);
  hanging.closeAllConnections();
  hanging.close();
});
