// The job of `npm run demo`: the page and its server, on a network of its own or on the one that the environment names.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Heurist, type HeuristError } from '@heurist/core';
import { startLocalNetwork } from '@heurist/dev';
import { families } from './catalogue.ts';
import { startServer } from './start-server.ts';

const root = resolve(import.meta.dirname, '../../../..');

async function main() {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { HEURIST_WORKFLOW_URL, HEURIST_API_KEY, PORT = '8080', HOST = '127.0.0.1' } = process.env;
  const network = HEURIST_WORKFLOW_URL ? undefined : await startOwnNetwork();
  const workflowURL = HEURIST_WORKFLOW_URL ?? network?.url ?? '';
  const apiKey = network?.apiKey ?? HEURIST_API_KEY ?? '';
  await checkNetwork(workflowURL, apiKey);
  const webDir = resolve(import.meta.dirname, '../web');
  const server = await startServer({ workflowURL, apiKey, webDir }, { port: Number(PORT), host: HOST });
  console.log(`\nHeurist Studio: ${server.url}\nNetwork: ${network ? 'in this process, on the CPU' : workflowURL}`);
  console.log('Stop it with Ctrl-C.');
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  console.log('Stopping after the running task; press Ctrl-C again to stop now.');
  await server.close();
  await network?.close();
}

/** What is wrong with address or key is told now, not to the first visitor. A network that is away may come yet. */
async function checkNetwork(workflowURL: string, apiKey: string) {
  const signal = AbortSignal.timeout(5000);
  await new Heurist({ workflowURL, apiKey }).workflow.networkStatus({ signal }).catch((error: HeuristError) => {
    if (!signal.aborted && !error.isRetryable && error.code !== 'not_found') throw error;
  });
}

async function startOwnNetwork() {
  console.log('Starting a network: sequencer, miner and CPU engine ...');
  const workflows = families.flatMap(({ definitions }) => definitions);
  // kept, so that tasks and pictures are there again after a restart
  const dataDir = resolve(root, '.heurist/demo');
  // visitors of a page are strangers: they may not have this machine fetch what only it can reach
  return await startLocalNetwork({ workflows, dataDir, allowPrivateInputs: false });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`error: ${error.message}`);
    process.exit(1);
  },
);
