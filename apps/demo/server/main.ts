// `npm run demo`: serves the page, on a local network or on the one that the environment names.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startLocalNetwork } from '@heurist/dev';
import { families } from './catalogue.ts';
import { checkNetwork } from './check-network.ts';
import { readSettings } from './settings.ts';
import { startServer } from './start-server.ts';

/** How long a running task may take to finish; after that it waits for the next start. */
const TASK_MS = 10_000;
/** After which the process ends, though the engine may be in the middle of a step. */
const END_MS = 14_000;

const root = resolve(import.meta.dirname, '../../../..');

async function main() {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { port, host, dataDir, ...settings } = readSettings(process.env);
  const network = settings.workflowURL ? undefined : await startOwnNetwork(dataDir);
  const workflowURL = settings.workflowURL ?? network?.url ?? '';
  const apiKey = network?.apiKey ?? settings.apiKey;
  // visitors with keys of their own need none of the server
  if (apiKey || settings.visitors.by !== 'key') await checkNetwork(workflowURL, apiKey);
  const webDir = resolve(import.meta.dirname, '../web');
  const server = await startServer({ ...settings, workflowURL, apiKey, webDir }, { port, host });
  console.log(`\nHeurist Studio: ${server.url}\nNetwork: ${network ? 'in this process, on the CPU' : workflowURL}`);
  console.log('Press Ctrl-C to stop.');
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  // a second signal finds no listener, and ends the process
  if (network?.isBusy())
    console.log(
      `Stopping within 15 s: the running task has ${TASK_MS / 1000} s to finish, else it runs again at the next start. Press Ctrl-C again to stop at once.`,
    );
  setTimeout(endAtOnce, END_MS).unref();
  await server.close();
  await network?.close({ withinMs: TASK_MS });
}

/** `process.exit` would wait for the engine's thread. */
function endAtOnce(): void {
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}

async function startOwnNetwork(chosen = join(root, '.heurist/demo')) {
  console.log('Starting a local network: sequencer, miner and CPU engine ...');
  const workflows = families.flatMap(({ definitions }) => definitions);
  // kept, so that tasks and images survive a restart
  const dataDir = resolve(chosen);
  // visitors are strangers: they must not make this machine fetch what only it can reach
  return await startLocalNetwork({ workflows, dataDir, allowPrivateInputs: false });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`error: ${error.message}`);
    process.exit(1);
  },
);
