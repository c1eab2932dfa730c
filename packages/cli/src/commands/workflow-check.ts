import { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { checkGraph } from '../workflow/check-graph.ts';
import { readGraph } from '../workflow/read-graph.ts';

/** Prints what is wrong with a graph, missing for it or deprecated on a server. Throws when it cannot run. */
export async function workflowCheck(
  file: string,
  { comfyui }: { comfyui: string },
  known: readonly WorkflowDefinition[],
): Promise<void> {
  const graph = await readGraph(file);
  const client = new ComfyClient({ url: comfyui });
  const [info, stats] = await Promise.all([client.objectInfo(), client.systemStats()]);
  const models = known.flatMap(({ requirements }) => requirements.models);
  const findings = checkGraph(graph, info, models);
  for (const { level, node, class_type, message } of findings)
    process.stdout.write(`${level}${node && ` ${node} (${class_type})`}: ${message}\n`);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const server = `ComfyUI ${stats.system.comfyui_version} at ${comfyui}`;
  if (errors)
    throw new HeuristError(`${server} cannot run this graph: ${errors} error${errors > 1 ? 's' : ''}.`, {
      code: 'invalid_input',
    });
  process.stdout.write(`${server} can run this graph: ${Object.keys(graph).length} nodes.\n`);
}
