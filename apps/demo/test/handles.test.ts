// What a visitor does not read must not stay open, neither here nor at the network behind: 1,024 handles are a whole process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import { abortReads, countOpenHandles, sendHeads } from '@heurist/test-servers/open-handles';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoServer, startServer } from '../server/start-server.ts';

const TIMES = 200;
/** Connections that end a moment later, and those that are kept for later calls. */
const SLACK = 20;

const file = Buffer.alloc(1_000_000, 'x');
/** A network that has one file, and a task of which nothing is ever heard. */
const network = createServer((request, response) => {
  const headers = { 'content-type': 'image/png', 'content-length': file.length };
  if (request.url?.startsWith('/artifacts/')) response.writeHead(200, headers).end(file);
  else if (request.url === '/task_events')
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
  else response.end(JSON.stringify({ task_id: 'a', status: 'waiting' }));
});
const webDir = mkdtempSync(join(tmpdir(), 'web-'));
let server: DemoServer;
let networkUrl: string;
beforeAll(async () => {
  writeFileSync(join(webDir, 'index.html'), 'x'.repeat(100_000));
  networkUrl = await listen(network, 0, '127.0.0.1');
  server = await startServer({ workflowURL: networkUrl, apiKey: 'a#b', webDir });
});
afterAll(async () => {
  await server.close();
  network.closeAllConnections();
  network.close();
  rmSync(webDir, { recursive: true });
});

const fileUrl = (name: string) =>
  `${server.url}/api/files?url=${encodeURIComponent(`${networkUrl}/artifacts/${name}`)}`;
const eventsUrl = () => `${server.url}/api/events?task=${'a'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`;
const untilClosed = (before: number) => expect.poll(countOpenHandles, { timeout: 10_000 }).toBeLessThan(before + SLACK);

test('HEAD of a file, of the page and of the events leaves nothing open', async () => {
  const before = countOpenHandles();
  expect(await sendHeads(fileUrl('a'), TIMES)).toEqual(new Set([200]));
  expect(await sendHeads(`${server.url}/`, TIMES)).toEqual(new Set([200]));
  expect(await sendHeads(eventsUrl(), TIMES)).toEqual(new Set([200]));
  expect(countOpenHandles()).toBeLessThan(before + SLACK);
  expect((await fetch(fileUrl('a'), { method: 'HEAD' })).headers.get('content-length')).toBe('1000000');
});

test('reads that are broken off leave nothing open', async () => {
  const before = countOpenHandles();
  await abortReads(fileUrl('a'), TIMES);
  await abortReads(`${server.url}/`, TIMES);
  await abortReads(eventsUrl(), TIMES);
  await untilClosed(before);
});
