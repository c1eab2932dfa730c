import { defineWorkflow } from '@heurist/core/definition';
import * as z from 'zod/mini';

/** A picture of one colour: by it a result is known to be its own task's. */
export const paint = defineWorkflow({
  workflow_id: 'paint',
  task_type: 'paint',
  title: 'Paint',
  parameters: z.strictObject({ color: z.int() }),
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 0 } },
    save: { class_type: 'SaveImage', inputs: { images: ['empty', 0], filename_prefix: 'paint' } },
  },
  bindings: { color: { node: 'empty', input: 'color' } },
  files: {},
  outputs: ['save'],
  requirements: { nodes: ['EmptyImage', 'SaveImage'], models: [] },
});
