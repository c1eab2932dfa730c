import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LocalNetwork, startLocalNetwork } from '@heurist/dev';
import { build } from 'vite';
import { families } from '../server/catalogue.ts';
import type { Limits } from '../server/context.ts';
import { type DemoServer, startServer } from '../server/start-server.ts';

/** The whole demo on free ports: page, server and network, each of which can go and come back. */
export interface Studio {
  readonly url: string;
  readonly network: LocalNetwork;
  /** The built page. */
  readonly webDir: string;
  stopNetwork(): Promise<void>;
  startNetwork(): Promise<void>;
  restartServer(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page from its source and starts everything. */
export async function startStudio(limits: Partial<Limits> = {}): Promise<Studio> {
  const folder = mkdtempSync(join(tmpdir(), 'studio-'));
  const webDir = join(folder, 'web');
  const root = resolve(import.meta.dirname, '..');
  // the test runner's would build the libraries' forms for developers
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  await build({ root, logLevel: 'error', build: { outDir: webDir, emptyOutDir: true } });
  process.env.NODE_ENV = NODE_ENV;
  const workflows = families.flatMap(({ definitions }) => definitions);
  const openNetwork = (port: number) =>
    startLocalNetwork({ workflows, dataDir: join(folder, 'network'), allowPrivateInputs: false, port });
  const openServer = (port: number) =>
    startServer({ workflowURL: network.url, apiKey: network.apiKey, webDir, limits }, { port });

  let network = await openNetwork(0);
  const networkPort = Number(new URL(network.url).port);
  let server: DemoServer = await openServer(0);
  const serverPort = Number(new URL(server.url).port);
  let isOpen = true;

  async function stopNetwork() {
    if (isOpen) await network.close();
    isOpen = false;
  }
  return {
    url: server.url,
    webDir,
    get network() {
      return network;
    },
    stopNetwork,
    async startNetwork() {
      network = await openNetwork(networkPort);
      isOpen = true;
    },
    async restartServer() {
      await server.close();
      server = await openServer(serverPort);
    },
    async close() {
      await server.close();
      await stopNetwork();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
