import { defineWorkflow } from '@heurist/core/definition';
import * as z from 'zod/mini';

/** A workflow that is told something, and given a picture: what it is told becomes part of a file name in ComfyUI. */
export const words = defineWorkflow({
  workflow_id: 'words',
  task_type: 'words',
  title: 'Words',
  parameters: z.strictObject({ prompt: z.string(), image: z.optional(z.string()), size: z.optional(z.int()) }),
  graph: {
    load: { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 0 } },
    save: { class_type: 'SaveImage', inputs: { images: ['load', 0], filename_prefix: 'words' } },
  },
  bindings: { prompt: 'save.filename_prefix', size: 'load.width', image: 'save.filename_prefix' },
  files: { image: { kind: 'image', max_bytes: 1e6 } },
  outputs: ['save'],
});
