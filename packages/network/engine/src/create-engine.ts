import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireReading } from '@heurist/server-kit/answer-rate';
import { requireBodyRate } from '@heurist/server-kit/body-rate';
import { ADMIT_BARE, admitBareChecks } from '@heurist/server-kit/health-check';
import { isKnownHost, requireKnownHost } from '@heurist/server-kit/known-host';
import { listen } from '@heurist/server-kit/listen';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import packageJson from '../package.json' with { type: 'json' };
import { Executor } from './execution/executor.ts';
import { PromptRunner } from './execution/prompt-runner.ts';
import { isForeign, refuseForeignPages } from './http/foreign-pages.ts';
import { createRoutes } from './http/routes.ts';
import { SocketHub } from './http/socket-hub.ts';
import { createInference, type InferenceRuntime } from './inference/inference.ts';
import { nodeClasses } from './nodes/index.ts';
import { createFiles } from './storage/files.ts';
import { createModelFolders } from './storage/model-folders.ts';

/** The weights in this package. */
const OWN_MODELS = fileURLToPath(new URL('../models', import.meta.url));
/** The longest message that a client may send over the socket, in bytes. */
const MAX_MESSAGE_BYTES = 4 * 2 ** 20;

/** Settings of an engine. */
export interface EngineOptions {
  /** Folder for uploads, results, previews and your own models (`models/upscale_models/*.onnx`). Created if missing. */
  dataDir: string;
  /** More folders with models, laid out like ComfyUI's `models`. Default: none. */
  models?: readonly string[];
  /** Port; 0 takes a free one. Default 0. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1: like ComfyUI, the engine has no keys. */
  host?: string;
  /**
   * Names by which clients may reach it, besides IP addresses, `localhost` and `host`. Default none. Others are refused: a web page
   * could point a name of its own at this machine.
   */
  hostNames?: readonly string[];
  /** Which ONNX runtime. Default `auto`: onnxruntime-node if it is installed, else WebAssembly. */
  runtime?: InferenceRuntime;
}

/** A running engine. */
export interface Engine {
  /** Its address, for any ComfyUI client. */
  url: string;
  /** Drops queued prompts, interrupts the running one, and stops the server. */
  close(): Promise<void>;
}

/**
 * Starts a ComfyUI-compatible server that runs its graphs on the CPU.
 *
 * @throws if the port is in use
 */
export async function createEngine({
  dataDir,
  models = [],
  port = 0,
  host = '127.0.0.1',
  hostNames = [],
  runtime = 'auto',
}: EngineOptions): Promise<Engine> {
  mkdirSync(dataDir, { recursive: true });
  const inference = createInference(runtime);
  const services = {
    files: createFiles(dataDir),
    models: createModelFolders([OWN_MODELS, ...models, join(dataDir, 'models')]),
    inference,
  };
  const sockets = new SocketHub();
  const runner = new PromptRunner(new Executor(nodeClasses, services), sockets);
  const routes = createRoutes({ ...services, runner, classes: nodeClasses, version: packageJson.version });
  const names = [host, ...hostNames];
  const app = new Hono()
    .use(
      requireKnownHost(names, (asked) => new Response(`This engine is not ${asked}: see hostNames.`, { status: 403 })),
    )
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .use(refuseForeignPages)
    .route('/', routes)
    .route('/api', routes);
  const server = createServer(ADMIT_BARE, getRequestListener(app.fetch));
  admitBareChecks(server);
  requireBodyRate(server);
  requireReading(server);
  acceptSockets(server, sockets, runner, names);
  return {
    url: await listen(server, port, host),
    async close() {
      runner.queue.clear();
      runner.interrupt();
      sockets.close();
      await inference.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function acceptSockets(server: Server, sockets: SocketHub, runner: PromptRunner, names: readonly string[]): void {
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    // nobody else listens now: an error without a listener would end the process
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    const url = URL.parse(request.url ?? '/', 'http://engine');
    const isOurs = url && /^(\/api)?\/ws$/.test(url.pathname);
    if (!isOurs || !isKnownHost(host, names) || isForeign(host, origin)) {
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      runner.greet(sockets.add(webSocket, url.searchParams.get('clientId'))),
    );
  });
}
