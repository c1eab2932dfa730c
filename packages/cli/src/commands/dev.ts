import type { WorkflowDefinition } from '@heurist/core/definition';
import { startLocalNetwork } from '@heurist/dev';
import { createConsoleLogger } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist dev`. */
export interface DevOptions {
  port: number;
  dataDir: string;
  json?: boolean;
}

/** Runs the whole network until it is stopped. */
export async function dev(
  { port, dataDir, json }: DevOptions,
  workflows: readonly WorkflowDefinition[],
): Promise<void> {
  const network = await startLocalNetwork({
    workflows,
    port,
    dataDir,
    ...(!json && { logger: createConsoleLogger() }),
  });
  const { url, apiKey, comfyuiUrl, checks } = network;
  const [runs, lacks] = [true, false].map((can) => checks.filter(({ missing }) => !missing.length === can));
  const ready = { url, apiKey, comfyuiUrl, workflows: runs!.map(({ workflow_id }) => workflow_id) };
  process.stdout.write(json ? `${JSON.stringify(ready)}\n` : readyText(ready, lacks!.length, dataDir));
  await untilStopped();
  process.stderr.write('Stopping after the running task; press Ctrl-C again to stop now.\n');
  await network.close();
}

/** Quotes are needed: in a .env file an unquoted # begins a comment. */
function readyText(
  { url, apiKey, workflows }: { url: string; apiKey: string; workflows: string[] },
  others: number,
  dataDir: string,
) {
  return `The network is ready. Put this into the .env file of your app:

HEURIST_WORKFLOW_URL=${url}
HEURIST_API_KEY="${apiKey}"

By itself it runs ${workflows.join(', ')}. The other ${others} workflows wait for a miner beside a ComfyUI that has their models
(HEURIST_MINER_KEY is in ${dataDir}/credentials.json):
  heurist miner --sequencer ${url} --comfyui http://127.0.0.1:8188

Try it:  heurist run upscaler --image photo.jpg --out results
Stop it with Ctrl-C.
`;
}
