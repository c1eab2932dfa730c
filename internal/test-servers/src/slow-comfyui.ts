import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Graph } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { listen } from '@heurist/server-kit/listen';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import sharp from 'sharp';
import { type WebSocket, WebSocketServer } from 'ws';
import { pick, type Random } from './random.ts';

/** Settings of a {@link SlowComfyui}. */
export interface SlowComfyuiOptions {
  /** Default: `Math.random`. */
  random?: Random;
  /** How long prompts take, in milliseconds: one of these each. Default: some end between two heartbeats, some last for several. */
  durations?: readonly number[];
  /** Whether a prompt waits until those before it have ended, as on a real one. Default `false`: any number runs at once. */
  oneAtATime?: boolean;
  /** How long it takes to load a model that is not in memory, in milliseconds. Default 0. */
  loadMs?: number;
  /** How many models fit into memory: the one used longest ago makes room. Default 1. */
  capacity?: number;
  /** Model files by folder, as `/models/<folder>` lists them. Default: none. */
  models?: Readonly<Record<string, readonly string[]>>;
  /** Its node classes, as `/object_info` lists them: such as those of a recording. Default: the few of the tests' own graphs. */
  objectInfo?: object;
  /** Where it writes its pictures, as a real one does: the reference miner reads them there. Default: nowhere. */
  outputFolder?: string;
  /** The PNG that it hands out for every prompt. Default: it paints one. */
  picture?: Uint8Array<ArrayBuffer>;
  clock?: Clock;
}

/** A server that was started. */
export interface SlowComfyui {
  url: string;
  /** Models that it holds in memory, the last used at the end. */
  readonly held: readonly string[];
  /** Every model that it had to load so far, in order. */
  readonly loads: readonly string[];
  /** Every graph that it was given so far, in order. */
  readonly graphs: readonly Graph[];
  stop(): Promise<void>;
}

const DURATIONS = [100, 300, 600, 1000, 1500, 4000];
const STEPS = 5;
/** Its pictures are squares of this many pixels a side. */
const SIDE = 32;

/**
 * Starts a ComfyUI that paints pictures of one color and takes its time, any number at once unless told otherwise, so that tens of miners can be at
 * work on a machine without a GPU. It speaks as much of the protocol as a miner needs.
 */
export async function startSlowComfyui(options: SlowComfyuiOptions = {}): Promise<SlowComfyui> {
  const memory = new ModelMemory(options);
  const painter = new Painter(options, memory);
  const server = createServer(getRequestListener(createRoutes(painter, options).fetch));
  acceptSockets(server, painter);
  return {
    url: await listen(server, 0, '127.0.0.1'),
    held: memory.held,
    loads: memory.loads,
    graphs: painter.graphs,
    async stop() {
      for (const socket of painter.sockets.values()) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a GPU has in memory. Models are loaded one after another, as there is one disk. */
class ModelMemory {
  readonly held: string[] = [];
  readonly loads: string[] = [];
  readonly #loadMs: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  #last: Promise<void> = Promise.resolve();

  constructor({ loadMs = 0, capacity = 1, clock = systemClock }: SlowComfyuiOptions) {
    this.#loadMs = loadMs;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * Resolves when every model of a graph is in memory.
   *
   * @param onLoad - called with a node that has to load
   */
  async hold(graph: Graph, onLoad: (node: string) => void): Promise<void> {
    for (const [node, model] of modelsOf(graph)) {
      this.#last = this.#last.then(() => this.#load(model, () => onLoad(node)));
      await this.#last;
    }
  }

  /** As `/free` does. */
  free(): void {
    this.held.length = 0;
  }

  async #load(model: string, onLoad: () => void): Promise<void> {
    const index = this.held.indexOf(model);
    if (index >= 0) this.held.splice(index, 1);
    else {
      this.loads.push(model);
      onLoad();
      await this.#clock.sleep(this.#loadMs);
    }
    this.held.push(model);
    if (this.held.length > this.#capacity) this.held.shift();
  }
}

/** The files that the loaders of a graph name, each with its node. */
function modelsOf(graph: Graph): [node: string, model: string][] {
  const loaders = Object.entries(graph).filter(([, { class_type }]) => class_type.includes('Loader'));
  return loaders.flatMap(([node, { inputs }]) =>
    Object.entries(inputs).flatMap(([name, value]): [string, string][] =>
      name.endsWith('_name') ? [[node, String(value)]] : [],
    ),
  );
}

interface Prompt {
  graph: Graph;
  isRunning: boolean;
  history?: object;
}

/** Runs prompts and notifies their clients. */
class Painter {
  readonly prompts = new Map<string, Prompt>();
  readonly graphs: Graph[] = [];
  /** By client id. */
  readonly sockets = new Map<string, WebSocket>();
  readonly #memory: ModelMemory;
  readonly #random: Random;
  readonly #durations: readonly number[];
  readonly #oneAtATime: boolean;
  /** The end of the last prompt. */
  #last: Promise<void> = Promise.resolve();
  readonly #outputFolder: string | undefined;
  readonly #clock: Clock;

  constructor(
    {
      random = Math.random,
      durations = DURATIONS,
      oneAtATime = false,
      outputFolder,
      clock = systemClock,
    }: SlowComfyuiOptions,
    memory: ModelMemory,
  ) {
    this.#random = random;
    this.#durations = durations;
    this.#oneAtATime = oneAtATime;
    this.#outputFolder = outputFolder;
    this.#clock = clock;
    this.#memory = memory;
  }

  free(): void {
    this.#memory.free();
  }

  submit(prompt_id: string, graph: Graph, client_id: string): void {
    const prompt: Prompt = { graph, isRunning: true };
    this.prompts.set(prompt_id, prompt);
    this.graphs.push(graph);
    const tell = (type: string, data: object) =>
      this.sockets.get(client_id)?.send(JSON.stringify({ type, data: { prompt_id, ...data } }));
    const run = () => this.#run(prompt_id, prompt, tell);
    if (this.#oneAtATime) this.#last = this.#last.then(run);
    else void run();
  }

  async #run(prompt_id: string, prompt: Prompt, tell: (type: string, data: object) => void): Promise<void> {
    const duration = pick(this.#random, this.#durations);
    tell('execution_start', {});
    if (prompt.isRunning) await this.#memory.hold(prompt.graph, (node) => tell('executing', { node }));
    tell('executing', { node: 'empty' });
    for (let value = 1; value <= STEPS && prompt.isRunning; value++) {
      await this.#clock.sleep(duration / STEPS);
      tell('progress', { node: 'empty', value, max: STEPS });
    }
    const images = [{ filename: `${prompt_id}.png`, subfolder: '', type: 'output' }];
    if (this.#outputFolder) {
      await mkdir(this.#outputFolder, { recursive: true });
      await writeFile(join(this.#outputFolder, `${prompt_id}.png`), new Uint8Array(await paintGraph(prompt.graph)));
    }
    const messages = prompt.isRunning ? [] : [['execution_interrupted', { prompt_id }]];
    prompt.history = {
      outputs: prompt.isRunning ? { [saverOf(prompt.graph)]: { images } } : {},
      status: { status_str: prompt.isRunning ? 'success' : 'error', completed: prompt.isRunning, messages },
    };
    prompt.isRunning = false;
    tell('executing', { node: null });
  }
}

function createRoutes(painter: Painter, { models = {}, objectInfo, picture }: SlowComfyuiOptions): Hono {
  const { prompts } = painter;
  const app = new Hono();
  const info = { input: {}, output: ['IMAGE'], output_node: true };
  const loader = { input: {}, output: ['MODEL', 'CLIP', 'VAE'], output_node: false };
  app.get('/object_info', (c) =>
    c.json(objectInfo ?? { EmptyImage: info, SaveImage: info, CheckpointLoaderSimple: loader }),
  );
  app.get('/system_stats', (c) => c.json({ system: { comfyui_version: '0.3.64', os: 'posix' }, devices: [] }));
  app.get('/models/:folder', (c) => c.json(models[c.req.param('folder')] ?? []));
  app.post('/upload/image', async (c) => {
    const { image } = await c.req.parseBody();
    return c.json({ name: image instanceof File ? image.name : 'input.png', subfolder: '', type: 'input' });
  });
  app.post('/prompt', async (c) => {
    const { prompt_id = randomUUID(), prompt: graph, client_id } = await c.req.json();
    painter.submit(prompt_id, graph, client_id);
    return c.json({ prompt_id, number: prompts.size, node_errors: {} });
  });
  app.get('/history/:id', (c) => {
    const { id } = c.req.param();
    const history = prompts.get(id)?.history;
    return c.json(history ? { [id]: history } : {});
  });
  app.post('/history', async (c) => {
    for (const id of (await c.req.json()).delete) delete prompts.get(id)?.history;
    return c.body(null, 200);
  });
  app.get('/queue', (c) => {
    const running = [...prompts].filter(([, { isRunning }]) => isRunning);
    return c.json({ queue_running: running.map(([id], index) => [index, id]), queue_pending: [] });
  });
  app.post('/queue', (c) => c.body(null, 200));
  app.post('/free', (c) => {
    painter.free();
    return c.body(null, 200);
  });
  app.post('/interrupt', async (c) => {
    const prompt = prompts.get((await c.req.json()).prompt_id);
    if (prompt) prompt.isRunning = false;
    return c.body(null, 200);
  });
  app.get('/view', async (c) => {
    const prompt = prompts.get(c.req.query('filename')?.slice(0, -4) ?? '');
    if (!prompt) return c.body(null, 404);
    return c.body(picture ?? (await paintGraph(prompt.graph)), 200, { 'content-type': 'image/png' });
  });
  return app;
}

function acceptSockets(server: Server, { sockets }: Painter): void {
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) =>
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const id = new URL(request.url ?? '', 'http://comfyui').searchParams.get('clientId') ?? '';
      sockets.set(id, webSocket);
      webSocket.on('close', () => sockets.delete(id));
      webSocket.on('error', () => {});
      // clients wait for this greeting before they submit
      webSocket.send(
        JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid: id } }),
      );
    }),
  );
}

const channelsOf = (color: number) => ({ r: (color >> 16) & 255, g: (color >> 8) & 255, b: color & 255 });

/** The node that saves the picture of a graph. */
const saverOf = (graph: Graph) =>
  Object.entries(graph).find(([, { class_type }]) => class_type === 'SaveImage')?.[0] ?? 'save';

/** In the color of its `empty` node, and in the size of its latent, if it has these. */
async function paintGraph(graph: Graph): Promise<ArrayBuffer> {
  const latent = Object.values(graph).find(({ class_type }) => /^Empty.*Latent/.test(class_type))?.inputs;
  const { width = SIDE, height = SIDE } = (latent ?? {}) as { width?: number; height?: number };
  const background = channelsOf(Number(graph.empty?.inputs.color));
  const image = sharp({ create: { width, height, channels: 3, background } });
  return new Uint8Array(await image.png().toBuffer()).buffer;
}

/** The color of a picture, if all of it has that color. Throws for anything that is not a whole picture of this server. */
export async function readColor(png: Uint8Array): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== SIDE || info.height !== SIDE) throw new Error(`the picture is ${info.width}x${info.height}`);
  const [red = 0, green = 0, blue = 0] = data;
  if (data.some((value, index) => value !== data[index % 3])) throw new Error('the picture has several colors');
  return (red << 16) | (green << 8) | blue;
}
