import * as z from 'zod/mini';
import { mustBe } from '../wire/messages.ts';
import type { WorkflowDefinition } from './workflow-definition.ts';

const MAX_NODES = 1000;
/** Largest file that a raw graph may name, in bytes. */
export const RAW_FILE_BYTES = 50_000_000;

const classError = mustBe('text of 1 to 200 characters');
const graphError = mustBe(`a graph in API format: 1 to ${MAX_NODES} nodes, with ids of 1 to 100 characters`);

const node = z.object(
  {
    class_type: z
      .string({ error: classError })
      .check(z.minLength(1, { error: classError }), z.maxLength(200, { error: classError })),
    // a node without inputs crashes ComfyUI's worker
    inputs: z.record(z.string(), z.unknown(), { error: mustBe('a JSON object') }),
  },
  { error: mustBe('a node: { class_type, inputs }') },
);

/**
 * A raw graph: the task's one parameter is `graph`, in API format. Operators must allow it, and miners run only the node
 * classes that they list. Files in the graph are URLs instead of ComfyUI's file names.
 */
export const rawWorkflow: WorkflowDefinition = {
  workflow_id: 'raw',
  task_type: 'raw',
  title: 'Raw graph',
  parameters: z.strictObject(
    {
      graph: z.record(z.string().check(z.minLength(1), z.maxLength(100)), node, { error: graphError }).check(
        z.refine((graph) => Object.keys(graph).length > 0, { error: 'must have at least one node' }),
        z.refine((graph) => Object.keys(graph).length <= MAX_NODES, { error: `must have at most ${MAX_NODES} nodes` }),
      ),
    },
    { error: mustBe('a JSON object') },
  ) as WorkflowDefinition['parameters'],
  graph: {},
  bindings: {},
  constants: [],
  files: {},
  outputs: [],
  requirements: { nodes: [], models: [] },
};
