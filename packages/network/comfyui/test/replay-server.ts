import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RecordedPrompt } from './recording.ts';

/** How a replay departs from the recording. */
export interface Faults {
  /** Milliseconds until the history has its entry, counted from the last frame. Default 0; Infinity: never. */
  historyDelay?: number;
  /** Frames that are sent before the socket is cut. */
  cutAfter?: number;
  /** Send no frames at all. */
  isSilent?: boolean;
  /** Where `/queue` says that the prompt is until it has ended. Default `running`. */
  place?: 'running' | 'pending' | 'nowhere';
  /** The answer to the submit never arrives, although the prompt did. */
  losesReply?: boolean;
  /** Send all frames before the submit is answered. */
  framesFirst?: boolean;
  /** Refuse sockets. */
  noSocket?: boolean;
}

/** Plays one recorded prompt to a client, under the client's own ids. */
export async function startReplay(recorded: RecordedPrompt, faults: Faults = {}) {
  const calls: { path: string; body: unknown }[] = [];
  const sockets = new Map<string, WebSocket>();
  let prompt_id = '';
  let endsAt = Number.POSITIVE_INFINITY;
  const isEnded = () => Date.now() >= endsAt;
  const rename = (text: string) => (recorded.prompt_id ? text.replaceAll(recorded.prompt_id, prompt_id) : text);

  function play(client_id: string) {
    const { cutAfter, isSilent, historyDelay = 0 } = faults;
    const socket = sockets.get(client_id);
    for (const frame of isSilent ? [] : recorded.frames.slice(0, cutAfter))
      socket?.send(typeof frame === 'string' ? rename(frame) : renameBinary(frame, recorded.prompt_id, prompt_id));
    if (cutAfter !== undefined) socket?.terminate();
    endsAt = Date.now() + historyDelay;
  }

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.post('/prompt', async (c) => {
    const body = await c.req.json();
    prompt_id = body.prompt_id;
    const { status, json, text } = recorded.reply;
    if (status === 200) {
      if (faults.framesFirst) {
        play(body.client_id);
        await new Promise((resolve) => setTimeout(resolve, 50));
      } else setTimeout(play, 5, body.client_id);
    }
    if (faults.losesReply) c.env.incoming.socket.destroy();
    const reply = json ? rename(JSON.stringify(json)) : (text ?? '');
    return c.body(reply, status as 200, { 'content-type': json ? 'application/json' : 'text/plain' });
  });
  app.get('/history/:id', (c) =>
    c.json(isEnded() && recorded.history ? { [c.req.param('id')]: recorded.history } : {}),
  );
  app.get('/queue', (c) => {
    const { place = 'running' } = faults;
    const item = isEnded() ? [] : [[0, prompt_id, {}, {}, []]];
    return c.json({ queue_running: place === 'running' ? item : [], queue_pending: place === 'pending' ? item : [] });
  });
  app.post('/:call', async (c) => {
    calls.push({ path: c.req.path, body: await c.req.json() });
    return c.body(null, 200);
  });

  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (faults.noSocket) return socket.destroy();
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const sid = new URL(request.url ?? '', 'http://replay').searchParams.get('clientId') ?? '';
      sockets.set(sid, webSocket);
      webSocket.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid } }));
    });
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    get prompt_id() {
      return prompt_id;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.values()) socket.terminate();
      await new Promise((resolve) => {
        server.close(resolve);
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** Ids are UUIDs on both sides, so that the lengths in the frame stay right. */
function renameBinary(frame: ArrayBuffer, from: string, to: string): Buffer {
  return Buffer.from(Buffer.from(frame).toString('latin1').replace(from, to), 'latin1');
}
