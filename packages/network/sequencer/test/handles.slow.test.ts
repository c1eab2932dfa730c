// What a client does not read must not stay open: 1,024 handles are a whole process.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortReads, countOpenHandles, sendHeads } from '@heurist/test-servers/open-handles';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

const TIMES = 200;
/** Connections that end a moment later, and files that the process opens by itself. */
const SLACK = 15;

let network: Network;
let file: string;
let task: { task_id: string; api_key: string };
beforeAll(async () => {
  network = await startNetwork();
  await network.create();
  const { lease_id, task_id } = await network.claim();
  const { artifact_id } = await network.upload(lease_id, 'x'.repeat(1_000_000));
  await network.submit(lease_id, { artifact_ids: [artifact_id] });
  file = (await network.query(task_id)).result;
  const { json } = await network.create();
  task = { task_id: json.task_id, api_key: network.api_key };
});
afterAll(async () => await network.stop());

const untilClosed = (before: number) => expect.poll(countOpenHandles, { timeout: 10_000 }).toBeLessThan(before + SLACK);

test('HEAD of a file tells its length, and opens nothing', async () => {
  const before = countOpenHandles();
  expect(await sendHeads(file, TIMES)).toEqual(new Set([200]));
  expect(countOpenHandles()).toBeLessThan(before + SLACK);
  expect((await fetch(file, { method: 'HEAD' })).headers.get('content-length')).toBe('1000000');
});

test('reads that are broken off close the file', async () => {
  const before = countOpenHandles();
  await abortReads(file, TIMES);
  await untilClosed(before);
  expect((await (await fetch(file)).text()).length).toBe(1_000_000);
});

test('one connection cannot open the file hundreds of times', async () => {
  const before = countOpenHandles();
  const { hostname, port, pathname, search } = new URL(file);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.pause().write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(TIMES));
  await once(socket, 'connect');
  await sleep(500);
  expect(countOpenHandles()).toBeLessThan(before + SLACK);
  socket.destroy();
});

test('event streams that are broken off end', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const [before, timersBefore] = [countOpenHandles(), timers()];
  await abortReads(`${network.url}/task_events`, TIMES, 'POST', JSON.stringify(task));
  const many = JSON.stringify({ tasks: [task], api_key: task.api_key });
  await abortReads(`${network.url}/tasks_events`, TIMES, 'POST', many);
  await untilClosed(before);
  await expect.poll(timers, { timeout: 10_000 }).toBeLessThan(timersBefore + SLACK);
});

test('HEAD of any other page is answered, and leaves nothing', async () => {
  const before = countOpenHandles();
  for (const path of ['/healthz', '/docs', '/openapi.json', '/nothing'])
    expect([...(await sendHeads(network.url + path, 20))]).toHaveLength(1);
  await untilClosed(before);
});
