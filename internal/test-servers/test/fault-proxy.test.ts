import { createServer, type Server } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/fault-proxy.ts';

let server: Server;
let proxy: FaultProxy;
let arrived: string[];
beforeEach(async () => {
  arrived = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    arrived.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(201, { 'content-type': 'text/plain', 'x-more': 'yes' });
    response.write('first ');
    setTimeout(() => response.end('second'), 20);
  });
  // every call is hit
  proxy = await startFaultProxy(await listen(server, 0, '127.0.0.1'), {}, () => 0);
});
afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
});

const call = () => fetch(`${proxy.url}/x?y`, { method: 'POST', body: 'hello' });

test('passes calls on as they are, and keeps a list', async () => {
  const response = await call();
  expect([response.status, response.headers.get('x-more'), await response.text()]).toEqual([
    201,
    'yes',
    'first second',
  ]);
  expect(arrived).toEqual(['POST /x?y hello']);
  expect(proxy.calls).toMatchObject([{ method: 'POST', path: '/x?y', body: 'hello' }]);
});

test('scripted answers: in the place of the server, after it, or none at all', async () => {
  proxy.faults.answer = async () => ({ status: 502, body: 'no' });
  expect((await call()).status).toBe(502);
  expect(arrived).toEqual([]);
  proxy.faults.answer = async ({ pass }) => ({ ...(await pass())!, body: 'other' });
  expect(await (await call()).text()).toBe('other');
  expect(arrived.length).toBe(1);
  proxy.faults.answer = async () => undefined;
  await expect(call()).rejects.toThrow();
});

test('random faults: replies that are lost, calls that arrive twice', async () => {
  proxy.faults.network = 'lose replies';
  await expect(call()).rejects.toThrow();
  expect(arrived.length).toBe(1);
  proxy.faults.network = 'duplicate calls';
  expect(await (await call()).text()).toBe('first second');
  expect(arrived.length).toBe(3);
});

test('the pages of a proxy in between: the server hears nothing', async () => {
  proxy.faults.network = 'answer pages';
  const response = await call();
  expect([response.status, response.headers.get('content-type')]).toEqual([403, 'text/html']);
  expect(await response.text()).toContain('<html>');
  expect(arrived).toEqual([]);
});
