import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Graph } from '@heurist/core/definition';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import sharp from 'sharp';
import { type WebSocket, WebSocketServer } from 'ws';
import { pick, type Random } from './random.ts';

/** Milliseconds that a prompt takes: some end between two heartbeats, some last for several. */
const DURATIONS = [100, 300, 600, 1000, 1500, 4000];
const STEPS = 5;

interface Prompt {
  graph: Graph;
  isRunning: boolean;
  history?: object;
}

/**
 * A ComfyUI that paints pictures of one colour and takes its time, any number at once, so that tens of miners can be at
 * work on a machine without a GPU. It speaks as much of the protocol as a miner needs.
 */
export async function startSlowComfyui(random: Random) {
  const prompts = new Map<string, Prompt>();
  const sockets = new Map<string, WebSocket>();

  async function run(prompt_id: string, prompt: Prompt, client_id: string): Promise<void> {
    const tell = (type: string, data: object) =>
      sockets.get(client_id)?.send(JSON.stringify({ type, data: { prompt_id, ...data } }));
    const duration = pick(random, DURATIONS);
    tell('execution_start', {});
    tell('executing', { node: 'empty' });
    for (let value = 1; value <= STEPS && prompt.isRunning; value++) {
      await sleep(duration / STEPS);
      tell('progress', { node: 'empty', value, max: STEPS });
    }
    const images = [{ filename: `${prompt_id}.png`, subfolder: '', type: 'output' }];
    const status_str = prompt.isRunning ? 'success' : 'error';
    const messages = prompt.isRunning ? [] : [['execution_interrupted', { prompt_id }]];
    prompt.history = {
      outputs: prompt.isRunning ? { save: { images } } : {},
      status: { status_str, completed: prompt.isRunning, messages },
    };
    prompt.isRunning = false;
    tell('executing', { node: null });
  }

  const app = new Hono();
  const info = { input: {}, output: ['IMAGE'], output_node: true };
  app.get('/object_info', (c) => c.json({ EmptyImage: info, SaveImage: info }));
  app.post('/prompt', async (c) => {
    const { prompt_id, prompt: graph, client_id } = await c.req.json();
    const prompt: Prompt = { graph, isRunning: true };
    prompts.set(prompt_id, prompt);
    void run(prompt_id, prompt, client_id);
    return c.json({ prompt_id, number: prompts.size, node_errors: {} });
  });
  app.get('/history/:id', (c) => {
    const { id } = c.req.param();
    const history = prompts.get(id)?.history;
    return c.json(history ? { [id]: history } : {});
  });
  app.get('/queue', (c) => {
    const running = [...prompts].filter(([, { isRunning }]) => isRunning);
    return c.json({ queue_running: running.map(([id], index) => [index, id]), queue_pending: [] });
  });
  app.post('/queue', (c) => c.body(null, 200));
  app.post('/interrupt', async (c) => {
    const prompt = prompts.get((await c.req.json()).prompt_id);
    if (prompt) prompt.isRunning = false;
    return c.body(null, 200);
  });
  app.get('/view', async (c) => {
    const prompt = prompts.get(c.req.query('filename')?.slice(0, -4) ?? '');
    if (!prompt) return c.body(null, 404);
    return c.body(await paintPng(Number(prompt.graph.empty?.inputs.color)), 200, { 'content-type': 'image/png' });
  });

  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) =>
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const id = new URL(request.url ?? '', 'http://comfyui').searchParams.get('clientId') ?? '';
      sockets.set(id, webSocket);
      webSocket.on('close', () => sockets.delete(id));
      webSocket.on('error', () => {});
    }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets.values()) socket.terminate();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const channelsOf = (color: number) => ({ r: (color >> 16) & 255, g: (color >> 8) & 255, b: color & 255 });

async function paintPng(color: number): Promise<ArrayBuffer> {
  const image = sharp({ create: { width: 32, height: 32, channels: 3, background: channelsOf(color) } });
  return new Uint8Array(await image.png().toBuffer()).buffer;
}

/** The colour of a picture, all of which must have it. Throws for what is no whole picture. */
export async function readColor(png: Uint8Array): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== 32 || info.height !== 32) throw new Error(`the picture is ${info.width}x${info.height}`);
  const [red = 0, green = 0, blue = 0] = data;
  if (data.some((value, index) => value !== data[index % 3])) throw new Error('the picture has several colours');
  return (red << 16) | (green << 8) | blue;
}
