import * as z from 'zod/mini';
import type { WorkflowDefinition } from './workflow-definition.ts';

const node = z.object({
  class_type: z.string().check(z.minLength(1), z.maxLength(200)),
  // ComfyUI's worker dies of a node without inputs
  inputs: z.record(z.string(), z.unknown()),
});

/**
 * A task that brings its own graph, in API format, as its one parameter `graph`. Networks take it only where their operators
 * allow it, and miners run only the node classes that they list. Files in it are addresses, where ComfyUI has file names.
 */
export const rawWorkflow: WorkflowDefinition = {
  workflow_id: 'raw',
  task_type: 'raw',
  title: 'A graph of your own',
  parameters: z.strictObject({
    graph: z.record(z.string().check(z.minLength(1), z.maxLength(100)), node).check(
      z.refine((graph) => Object.keys(graph).length > 0, { error: 'The graph has no nodes' }),
      z.refine((graph) => Object.keys(graph).length <= 1000, { error: 'The graph has more than 1000 nodes' }),
    ),
  }) as WorkflowDefinition['parameters'],
  graph: {},
  bindings: {},
  constants: [],
  files: {},
  outputs: [],
  requirements: { nodes: [], models: [] },
};
