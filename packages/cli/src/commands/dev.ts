import { startLocalNetwork } from '@heurist/local';
import { createConsoleLogger } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';
import { workflows } from '../workflows.ts';

/** Options of `heurist dev`. */
export interface DevOptions {
  port: number;
  dataDir: string;
  json?: boolean;
}

/** Runs the whole network until it is stopped. */
export async function dev({ port, dataDir, json }: DevOptions): Promise<void> {
  const network = await startLocalNetwork({
    workflows,
    port,
    dataDir,
    ...(!json && { logger: createConsoleLogger() }),
  });
  const { url, apiKey, comfyuiUrl } = network;
  const ready = { url, apiKey, comfyuiUrl, workflows: workflows.map(({ workflow_id }) => workflow_id) };
  process.stdout.write(json ? `${JSON.stringify(ready)}\n` : readyText(url, apiKey));
  await untilStopped();
  process.stderr.write('Stopping after the running task; press Ctrl-C again to stop now.\n');
  await network.close();
}

/** Quotes are needed: in a .env file an unquoted # begins a comment. */
function readyText(url: string, apiKey: string): string {
  return `The network is ready. Put this into the .env file of your app:

HEURIST_WORKFLOW_URL=${url}
HEURIST_API_KEY="${apiKey}"

Try it:  heurist run upscaler --image photo.jpg --out results
Stop it with Ctrl-C.
`;
}
