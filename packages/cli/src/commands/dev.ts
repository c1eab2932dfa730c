import type { WorkflowDefinition } from '@heurist/core/definition';
import { loadLocalNetwork } from '../network/load-local-network.ts';
import type { DevNetwork, StartDevNetwork } from '../network/local-network.ts';
import { checkFolder } from '../output/check-folder.ts';
import { createConsoleLogger } from '../output/console-logger.ts';
import { spell } from '../system/spelling.ts';
import { untilStopped } from '../system/until-stopped.ts';

/** Options of `heurist dev`. */
export interface DevOptions {
  port: number;
  dataDir: string;
  /** Origins of web pages. */
  corsOrigin?: string[];
  json?: boolean;
}

/** Runs a local network until it is stopped. */
export async function dev(
  { port, dataDir, corsOrigin, json }: DevOptions,
  workflows: readonly WorkflowDefinition[],
  startLocalNetwork?: StartDevNetwork,
): Promise<void> {
  const start = startLocalNetwork ?? (await loadLocalNetwork(`\`${spell('dev')}\``));
  checkFolder(dataDir, { flag: '--data-dir', what: 'The network' });
  const network = await start({
    workflows,
    port,
    dataDir,
    minerHint: minerCommand,
    ...(corsOrigin && { corsOrigins: corsOrigin }),
    ...(!json && { logger: createConsoleLogger() }),
  });
  process.stdout.write(json ? `${JSON.stringify(readyJson(network))}\n` : readyText(network, dataDir));
  await untilStopped();
  process.stderr.write('Stopping after the running task; press Ctrl-C again to stop now.\n');
  await network.close();
}

function readyJson({ url, apiKey, comfyuiUrl, checks }: DevNetwork) {
  const runnable = checks.filter(({ missing }) => !missing.length);
  return { url, apiKey, comfyuiUrl, workflows: runnable.map(({ workflow_id }) => workflow_id) };
}

const minerCommand = (url: string) => spell(`miner --sequencer ${url} --comfyui http://127.0.0.1:8188`);

/** Quotes are needed: in a .env file an unquoted # begins a comment. */
function readyText(network: DevNetwork, dataDir: string): string {
  const { url, apiKey, workflows } = readyJson(network);
  return `The network is ready. Put this into the .env file of your app:

HEURIST_WORKFLOW_URL=${url}
HEURIST_API_KEY="${apiKey}"

This machine can run ${workflows.join(', ')}. The other ${network.checks.length - workflows.length} workflows need a miner connected to a ComfyUI that has
their models (its key, HEURIST_MINER_KEY, is in ${dataDir}/credentials.json):
  ${minerCommand(url)}

Try it:  ${spell('run upscaler --image photo.jpg --out results')}
Stop it with Ctrl-C.
`;
}
