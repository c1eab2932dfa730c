import type { AddressInfo } from 'node:net';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import type { ComfyPreview } from './binary-frame.ts';
import { ComfySocket, READY_TIMEOUT_MS, RECONNECT_MS } from './comfy-socket.ts';
import { PromptSigns } from './prompt-signs.ts';
import type { SocketMessage } from './schemas.ts';

const status = JSON.stringify({ type: 'status', data: { status: {} } });

let server: WebSocketServer;
let connections: { socket: ServerSocket; path: string | undefined; received: string[] }[];
let clock: FakeClock;
let messages: SocketMessage[];
let previews: ComfyPreview[];
let socket: ComfySocket;
beforeEach(async () => {
  connections = [];
  messages = [];
  previews = [];
  clock = new FakeClock(0);
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (connection, { url }) => {
    const received: string[] = [];
    connection.on('message', (data) => received.push(String(data)));
    connections.push({ socket: connection, path: url, received });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const listener = {
    receiveMessage: (message: SocketMessage) => void messages.push(message),
    receivePreview: (preview: ComfyPreview) => void previews.push(preview),
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  socket = new ComfySocket({ url, headers: {}, clientId: 'me' }, listener, clock);
  await connected(1);
});
afterEach(() => {
  socket.close();
  for (const client of server.clients) client.terminate();
  server.close();
});

const connected = (count: number) => expect.poll(() => connections.length, { interval: 2 }).toBe(count);
const isReady = async () => {
  let ready = false;
  void socket.untilReady().then(() => {
    ready = true;
  });
  await clock.advance(0);
  return ready;
};

test('connects under its id, and first of all says what it understands', async () => {
  expect(connections[0]?.path).toBe('/base/ws?clientId=me');
  await expect
    .poll(() => connections[0]?.received, { interval: 2 })
    .toEqual([JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } })]);
});

describe('is ready', () => {
  test('when the server has greeted', async () => {
    expect(await isReady()).toBe(false);
    connections[0]?.socket.send(status);
    await socket.untilReady();
    expect(messages.map(({ type }) => type)).toEqual(['status']);
  });

  test('not by any other message', async () => {
    connections[0]?.socket.send(JSON.stringify({ type: 'executing', data: {} }));
    await expect.poll(() => messages.length, { interval: 2 }).toBe(1);
    expect(await isReady()).toBe(false);
  });

  test('when the connection is refused or broken', async () => {
    connections[0]?.socket.terminate();
    await socket.untilReady();
  });

  test('after three seconds of silence', async () => {
    let ready = false;
    void socket.untilReady().then(() => {
      ready = true;
    });
    await clock.advance(READY_TIMEOUT_MS - 1);
    expect(ready).toBe(false);
    await clock.advance(1);
    expect(ready).toBe(true);
  });

  test('when it is closed', async () => {
    socket.close();
    await socket.untilReady();
  });
});

describe('a connection that breaks', () => {
  test('is made again a second later, as often as it breaks', async () => {
    for (let count = 1; count <= 3; count++) {
      connections.at(-1)?.socket.terminate();
      await expect.poll(() => clock.sleeps.length, { interval: 2 }).toBe(count);
      await clock.advance(RECONNECT_MS - 1);
      expect(connections.length).toBe(count);
      await clock.advance(1);
      await connected(count + 1);
    }
    expect(clock.sleeps).toEqual([RECONNECT_MS, RECONNECT_MS, RECONNECT_MS]);
  });

  test('is not made again once the socket is closed', async () => {
    socket.close();
    await expect.poll(() => server.clients.size, { interval: 2 }).toBe(0);
    await clock.advance(10 * RECONNECT_MS);
    expect(connections.length).toBe(1);
  });
});

test('what cannot be read is left out', async () => {
  const { socket: other } = connections[0]!;
  for (const text of ['no json', '{}', '{"type":5,"data":{}}', '{"type":"x"}']) other.send(text);
  other.send(Buffer.alloc(3));
  other.send(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 65]));
  other.send(JSON.stringify({ type: 'last', data: { a: 1 } }));
  await expect.poll(() => messages, { interval: 2 }).toEqual([{ type: 'last', data: { a: 1 } }]);
  expect(previews).toEqual([{ contentType: 'image/png', bytes: Uint8Array.of(65) }]);
});

test('what a listener throws, and messages without what they must have, end nothing', async () => {
  const heard: string[] = [];
  const signs = new PromptSigns('p', {}, {}, clock);
  const listener = {
    receiveMessage(message: SocketMessage) {
      heard.push(message.type);
      signs.receiveMessage(message);
      throw new Error('bug');
    },
    receivePreview() {
      heard.push('preview');
      throw undefined;
    },
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const other = new ComfySocket({ url, headers: {}, clientId: 'other' }, listener, clock);
  await connected(2);
  const { socket: far } = connections[1]!;
  const strange = {
    execution_cached: {},
    executing: { node: { x: 1 } },
    progress: { max: 'x' },
    execution_success: {},
  };
  for (const [type, data] of Object.entries(strange))
    far.send(JSON.stringify({ type, data: { ...data, prompt_id: 'p' } }));
  far.send(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 65]));
  far.send(JSON.stringify({ type: 'last', data: {} }));
  await expect.poll(() => heard).toEqual([...Object.keys(strange), 'preview', 'last']);
  other.close();
});

test('an address that no socket takes: the work goes on without one', async () => {
  const other = new ComfySocket(
    { url: 'ftp://127.0.0.1/', headers: {}, clientId: 'other' },
    { receiveMessage() {}, receivePreview() {} },
    clock,
  );
  await other.untilReady();
  other.close();
});
