import { graphPicture } from '@heurist/cli/graph-picture';
import type { WorkflowDefinition } from '@heurist/core/definition';

/** The graph of a workflow as SVG, with its options at the nodes that they set. */
export function drawGraph({ workflow_id, graph, bindings, files, outputs }: WorkflowDefinition): string {
  const parameters = Object.entries(bindings).map(([name, places]) => {
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    return { name, bindings: [...places], ...(file && { file: file.kind }) };
  });
  return graphPicture({ name: workflow_id, graph, parameters, outputs });
}
