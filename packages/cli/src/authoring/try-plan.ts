import { planDefinition, type WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import { runOnOwn } from '../commands/run.ts';
import type { StartDevNetwork } from '../network/local-network.ts';
import { startNetwork } from '../network/start-network.ts';

/** Where a graph is tried. */
export interface TryPlace {
  /** Address of a ComfyUI. Default: the CPU engine. */
  comfyui?: string | undefined;
  startLocalNetwork?: StartDevNetwork | undefined;
}

/** Where results are saved. */
const OUT = 'results';
/** How long a task may take, in seconds. */
const TIMEOUT = 600;

/**
 * Runs a planned workflow once on a local network, and saves what it makes.
 *
 * @param files - parameter -> path of the file; the other parameters keep the graph's values
 */
export async function tryPlan(
  plan: WorkflowPlan,
  files: Record<string, string>,
  { comfyui, startLocalNetwork }: TryPlace,
): Promise<void> {
  const definition = planDefinition(plan);
  const required = plan.parameters.filter(({ isRequired, file }) => isRequired && !file);
  const parameters = { ...Object.fromEntries(required.map(({ name, value }) => [name, value])), ...files };
  const order = { name: plan.name, definition, namesGraph: true, parameters, out: OUT, timeout: TIMEOUT };
  await runOnOwn(order, () =>
    startNetwork(
      {
        workflows: [definition],
        comfyui,
        command: 'workflow create --try',
        wayOut: 'pass --comfyui with the address of a ComfyUI that can',
      },
      startLocalNetwork,
    ),
  );
}
