import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalNetwork, startLocalNetwork } from '@heurist/dev';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { families } from '../server/catalogue.ts';
import type { DemoLimits } from '../server/limits.ts';
import { type DemoServer, startServer } from '../server/start-server.ts';
import { buildPage } from './build-page.ts';

/** The whole demo on free ports. Server and network can be stopped and started again. */
export interface Studio {
  readonly url: string;
  readonly network: LocalNetwork;
  /** The built page. */
  readonly webDir: string;
  stopNetwork(): Promise<void>;
  startNetwork(): Promise<void>;
  restartServer(): Promise<void>;
  /** A miner asks for tasks of a workflow once, and not again: they wait. */
  offer(workflow_id: string): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page from its source and starts everything. */
export async function startStudio(limits: Partial<DemoLimits> = {}): Promise<Studio> {
  const folder = mkdtempSync(join(tmpdir(), 'studio-'));
  const webDir = join(folder, 'web');
  const workflows = families.flatMap(({ definitions }) => definitions);
  const openNetwork = (port: number) =>
    startLocalNetwork({ workflows, dataDir: join(folder, 'network'), allowPrivateInputs: false, port });
  const openServer = (port: number) =>
    startServer({ workflowURL: network.url, apiKey: network.apiKey, webDir, limits }, { port });

  await prepareDataFolder(join(folder, 'network'));
  const [, started] = await Promise.all([buildPage(webDir), openNetwork(0)]);
  let network = started;
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
    async offer(workflow_id) {
      const key = JSON.parse(readFileSync(join(folder, 'network/credentials.json'), 'utf8')).miner;
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const body = JSON.stringify({ workflow_ids: [workflow_id] });
      await fetch(`${network.url}/miner_request`, { method: 'POST', headers, body });
    },
    async close() {
      await server.close();
      await stopNetwork();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
