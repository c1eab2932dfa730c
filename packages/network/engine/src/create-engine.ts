import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import packageJson from '../package.json' with { type: 'json' };
import { Executor } from './executor.ts';
import { createFiles } from './files.ts';
import { createInference, type InferenceRuntime } from './inference.ts';
import { createModelFolders } from './model-folders.ts';
import { nodeClasses } from './nodes/index.ts';
import { PromptRunner } from './prompt-runner.ts';
import { createRoutes } from './routes.ts';
import { SocketHub } from './socket-hub.ts';

/** The weights in this package. */
const OWN_MODELS = fileURLToPath(new URL('../models', import.meta.url));

/** Settings of an engine. */
export interface EngineOptions {
  /** Folder for uploads, results, previews and own models (`models/upscale_models/*.onnx`). Made when missing. */
  dataDir: string;
  /** Further folders with models, laid out like ComfyUI's `models`. Default: none. */
  models?: readonly string[];
  /** Port; 0 takes a free one. Default 0. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1: like ComfyUI, the engine has no keys. */
  host?: string;
  /** Which ONNX runtime. Default `auto`: onnxruntime-node where it is installed, else WebAssembly. */
  runtime?: InferenceRuntime;
}

/** A running engine. */
export interface Engine {
  /** Its address, for any client of ComfyUI. */
  url: string;
  close(): Promise<void>;
}

/**
 * Starts a ComfyUI-compatible server that runs its graphs on the CPU.
 *
 * @throws when the port is taken
 */
export async function createEngine({
  dataDir,
  models = [],
  port = 0,
  host = '127.0.0.1',
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
  const app = new Hono().use(refuseForeignPages).route('/', routes).route('/api', routes);

  const server = createAdaptorServer({ fetch: app.fetch });
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 4 * 2 ** 20 });
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://engine');
    if (!/^(\/api)?\/ws$/.test(pathname) || isForeign(request.headers.host, request.headers.origin)) {
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      runner.greet(sockets.add(webSocket, searchParams.get('clientId'))),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    async close() {
      runner.queue.clear();
      runner.interrupt();
      sockets.close();
      await inference.close();
      await new Promise((resolve) => {
        server.close(resolve);
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** A web page from elsewhere must not drive a server on this machine (ComfyUI's own rule, without CORS). */
async function refuseForeignPages(
  c: { req: { header(name: string): string | undefined }; body(body: null, status: 403): Response },
  next: () => Promise<void>,
) {
  if (isForeign(c.req.header('host'), c.req.header('origin'))) return c.body(null, 403);
  await next();
  return undefined;
}

function isForeign(host: string | undefined, origin: string | undefined): boolean {
  if (!host || !origin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
