import { ComfyClient, type ObjectInfo, validateGraph } from '@heurist/comfyui';
import type { Graph, WorkflowDefinition } from '@heurist/core/definition';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { checkGraph } from '../authoring/check-graph.ts';
import { readGraph } from '../authoring/read-graph.ts';
import { serverNodes } from '../authoring/server-nodes.ts';
import { CommandError } from '../output/command-error.ts';

/** Prints what is wrong, missing or deprecated in a graph for a server. Throws if the server cannot run it. */
export async function workflowCheck(
  file: string,
  { comfyui }: { comfyui: string },
  known: readonly WorkflowDefinition[],
): Promise<void> {
  const client = new ComfyClient({ url: comfyui });
  const server = serverNodes(comfyui, client);
  const graph = await readGraph(file, server);
  const [info, stats] = await Promise.all([server.info(), client.systemStats()]);
  const models = known.flatMap(({ requirements }) => requirements.models);
  const files = await inputFiles(graph, info, client);
  const findings = checkGraph(graph, info, models, (name) => files.has(name));
  for (const { level, node, class_type, type, message } of findings) {
    const named = type && !message.endsWith(`(${type})`) ? ` (${type})` : '';
    process.stdout.write(`${level}${node && ` ${node} (${class_type})`}: ${message}${named}\n`);
  }
  const errors = findings.filter(({ level }) => level === 'error').length;
  const name = `ComfyUI ${stats.system.comfyui_version} at ${hideCredentials(comfyui)}`;
  if (errors)
    throw new CommandError(`${name} cannot run this graph: ${errors} error${errors > 1 ? 's' : ''}.`, {
      code: 'invalid_input',
    });
  process.stdout.write(`${name} can run this graph: ${Object.keys(graph).length} nodes.\n`);
}

/** The input files of a graph that the server has. */
async function inputFiles(graph: Graph, info: ObjectInfo, client: ComfyClient): Promise<Set<string>> {
  const named = new Set<string>();
  // the validator tells which values name files
  validateGraph(graph, info, { hasInputFile: (name) => Boolean(named.add(name)) });
  const there = new Set<string>();
  for (const name of named) if (await client.hasInputFile(name)) there.add(name);
  return there;
}
