import type { WorkflowDefinition } from '@heurist/core/definition';
import { loadLocalNetwork } from '../network/load-local-network.ts';
import type { DevNetwork, StartDevNetwork } from '../network/local-network.ts';
import { checkFolder } from '../output/check-folder.ts';
import { createConsoleLogger } from '../output/console-logger.ts';
import { reasonOf } from '../output/reason-of.ts';
import { spell } from '../system/spelling.ts';
import { untilStopped } from '../system/until-stopped.ts';
import { loadEdited, watchWorkflows } from '../workflows/reload.ts';

/** Options of `heurist dev`. */
export interface DevOptions {
  port: number;
  dataDir: string;
  /** Origins of web pages. */
  corsOrigin?: string[];
  json?: boolean;
}

/**
 * Runs a local network until it is stopped.
 *
 * @param workflows - what it runs besides
 * @param sources - packages that are loaded anew when their files change
 */
export async function dev(
  { port, dataDir, corsOrigin, json }: DevOptions,
  workflows: readonly WorkflowDefinition[],
  sources: readonly string[],
  startLocalNetwork?: StartDevNetwork,
): Promise<void> {
  const start = startLocalNetwork ?? (await loadLocalNetwork(`\`${spell('dev')}\``));
  checkFolder(dataDir, { flag: '--data-dir', what: 'The network' });
  const { promise: started, resolve: setStarted } = Promise.withResolvers<DevNetwork>();
  const edited = await watchWorkflows(loadEdited(sources, workflows), {
    async onReload(changed) {
      const network = await started;
      await network.replaceWorkflows(changed);
      process.stderr.write(reloadedText(changed.slice(workflows.length), network));
    },
    onError: (error) => void process.stderr.write(`${reasonOf(error)} The last version that worked stays.\n`),
  });
  try {
    const network = await start({
      workflows: edited.workflows,
      port,
      dataDir,
      minerHint: minerCommand,
      ...(corsOrigin && { corsOrigins: corsOrigin }),
      ...(!json && { logger: createConsoleLogger() }),
    });
    setStarted(network);
    const watched = sources.length ? watchText(edited.workflows.slice(workflows.length), network) : '';
    // at once: a program that has read that the network is ready may read no more
    process.stdout.write(json ? `${JSON.stringify(readyJson(network))}\n` : readyText(network, dataDir) + watched);
    await untilStopped();
    edited.close();
    process.stderr.write('Stopping after the running task; press Ctrl-C again to stop now.\n');
    await network.close();
  } finally {
    edited.close();
  }
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

/** What was loaded from packages, and whether it runs here. */
function watchText(own: readonly WorkflowDefinition[], network: DevNetwork): string {
  return `\n${stateText(own, network)}Saved changes are loaded at once: new tasks run the new version.\n`;
}

function reloadedText(own: readonly WorkflowDefinition[], network: DevNetwork): string {
  return `Reloaded: ${stateText(own, network)}`;
}

function stateText(own: readonly WorkflowDefinition[], { checks }: DevNetwork): string {
  const lines = own.map(({ workflow_id }) => {
    const missing = checks.find((check) => check.workflow_id === workflow_id)?.missing ?? [];
    return missing.length
      ? `${workflow_id} needs a miner connected to a ComfyUI: the CPU engine lacks ${missing.join(', ')}.\n`
      : `${workflow_id} runs here.\n`;
  });
  return lines.join('');
}
