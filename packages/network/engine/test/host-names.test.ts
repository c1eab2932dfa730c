// A web page can point a name of its own at this machine, and is then of the engine's own origin.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startEngine } from './harness.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine({ hostNames: ['comfyui'] });
});
afterAll(async () => await engine.stop());

/** Asks under another name: `fetch` does not let one set the header. */
function ask(path: string, host: string, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(`${engine.engine.url}${path}`, { method, headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('error', reject).end();
  });
}

test('other names are refused, whatever they ask', async () => {
  for (const path of ['/history', '/prompt', '/api/queue', '/view?filename=x', '/nothing'])
    expect(await ask(path, 'evil.example:8188')).toBe(403);
  expect(await ask('/queue', 'evil.example', 'POST')).toBe(403);
});

/** Sends a request as it is. Resolves with the first line of the answer. */
async function sendRaw(...lines: string[]): Promise<string> {
  const { hostname, port } = new URL(engine.engine.url);
  const socket = connect(Number(port), hostname).end(`${lines.join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket.setEncoding('utf8'), 'data');
  return answer.split('\r\n')[0];
}

test('a request line with a whole URL cannot name another server', async () => {
  const ask = (target: string, host: string) => sendRaw(`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close');
  expect(await ask('http://localhost/history', 'localhost')).toContain('200');
  expect(await ask('http://evil.example/history', 'localhost')).toContain('403');
  expect(await ask('http://localhost/history', 'evil.example')).toContain('403');
});

test('a socket with an address that is none, or one that breaks at once, ends nothing', async () => {
  const upgrade = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade'];
  expect(await sendRaw('GET //[ HTTP/1.1', ...upgrade)).toContain('400');
  const { hostname, port } = new URL(engine.engine.url);
  for (let time = 0; time < 20; time++) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(`GET /other HTTP/1.1\r\n${upgrade.join('\r\n')}\r\n\r\n`, () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  expect(await ask('/healthz', 'localhost')).toBe(200);
});

test('its own names are answered, and health checks under any', async () => {
  for (const host of ['localhost', '127.0.0.1', '10.1.2.3:80', 'comfyui:8188'])
    expect(await ask('/history', host)).toBe(200);
  expect(await ask('/healthz', 'evil.example')).toBe(200);
});

test.each([
  ['evil.example', 'error'],
  ['comfyui', 'open'],
])('a socket for %s: %s', async (host, expected) => {
  const socket = new WebSocket(`${engine.engine.url.replace('http', 'ws')}/ws`, { headers: { host } });
  const outcome = await new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('error', () => resolve('error'));
  });
  socket.terminate();
  expect(outcome).toBe(expected);
});
