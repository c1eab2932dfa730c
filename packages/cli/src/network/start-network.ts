import type { WorkflowDefinition } from '@heurist/core/definition';
import { CommandError } from '../output/command-error.ts';
import { spell } from '../system/spelling.ts';
import { loadLocalNetwork } from './load-local-network.ts';
import type { DevNetwork, StartDevNetwork } from './local-network.ts';

/** What a command that takes `--comfyui` wants of a local network. */
interface NetworkWish {
  workflows: readonly WorkflowDefinition[];
  /** A ComfyUI to run on. Default: the CPU engine. */
  comfyui?: string | undefined;
  /** The command, for errors: `workflow test`. */
  command: string;
  /** What to do if the CPU engine cannot run them: "pass --comfyui ...". */
  wayOut: string;
}

/**
 * Starts a local network, beside a ComfyUI if one is given.
 *
 * @param start - default: that of `@heurist/dev`
 * @throws {CommandError} if `@heurist/dev` is not installed, or if the CPU engine cannot run the workflows
 */
export async function startNetwork(
  { workflows, comfyui, command, wayOut }: NetworkWish,
  start?: StartDevNetwork,
): Promise<DevNetwork> {
  const open = start ?? (await loadLocalNetwork(`\`${spell(command)}\``));
  if (comfyui) return await open({ workflows, comfyui });
  return await open({ workflows }).catch((cause) => {
    const them = workflows.length > 1 ? 'These workflows' : `The workflow ${workflows[0]?.workflow_id}`;
    throw new CommandError(`${them} cannot run on the CPU engine: ${wayOut}. ${cause.message}`, { cause });
  });
}
