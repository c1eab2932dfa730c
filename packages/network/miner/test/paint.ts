import { defineWorkflow } from '@heurist/core/definition';
import * as z from 'zod/mini';

/** A quick graph: a square of one colour. `width` above 2000 takes a second or two. */
export const paint = defineWorkflow({
  workflow_id: 'paint',
  task_type: 'paint',
  title: 'Paint',
  parameters: z.strictObject({ color: z.int(), width: z.optional(z.int()) }),
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
    save: { class_type: 'SaveImage', inputs: { images: ['empty', 0], filename_prefix: 'paint' } },
  },
  bindings: { color: 'empty.color', width: ['empty.width', 'empty.height'] },
  files: {},
  outputs: ['save'],
});
