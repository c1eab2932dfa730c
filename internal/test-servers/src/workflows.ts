// Workflows for tests: quick ones, and one that takes as long as its picture is large.
import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import * as z from 'zod/mini';

/**
 * A square of one color: by its color a result is known to be its own task's. `width` above 2000 takes the engine a second or two.
 */
export const paint = defineWorkflow({
  workflow_id: 'paint',
  task_type: 'paint',
  title: 'Paint',
  parameters: z.strictObject({ color: z.int(), width: z.optional(z.int()) }),
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 0 } },
    save: { class_type: 'SaveImage', inputs: { images: ['empty', 0], filename_prefix: 'paint' } },
  },
  bindings: { color: 'empty.color', width: ['empty.width', 'empty.height'] },
  files: {},
  outputs: ['save'],
});

/** {@link paint} with a checkpoint, which a slow ComfyUI has to load. */
export function paintWith(workflow_id: string, file: string): WorkflowDefinition {
  return defineWorkflow({
    ...paint,
    workflow_id,
    graph: { ...paint.graph, model: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: file } } },
    requirements: { models: [{ folder: 'checkpoints', filename: file }] },
  });
}

/**
 * Slow enough to be interrupted: an enlargement by a neural network, tile by tile.
 *
 * @param width - of the picture before, in pixels; a tile has up to 192
 */
export function createEnlarge(width: number, height: number) {
  return defineWorkflow({
    workflow_id: 'enlarge',
    task_type: 'enlarge',
    title: 'Enlarge',
    parameters: z.strictObject({ color: z.int(), seed: z.optional(z.int()) }),
    graph: {
      empty: { class_type: 'EmptyImage', inputs: { width, height, batch_size: 1, color: 0 } },
      model: { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x-animevideov3.onnx' } },
      up: {
        class_type: 'ImageUpscaleWithModel',
        inputs: { upscale_model: ['model', 0], image: ['empty', 0], seed: 0 },
      },
      save: { class_type: 'SaveImage', inputs: { images: ['up', 0], filename_prefix: 'x' } },
    },
    bindings: { color: 'empty.color', seed: 'up.seed' },
    files: {},
    outputs: ['save'],
    requirements: {
      nodes: ['EmptyImage', 'UpscaleModelLoader', 'ImageUpscaleWithModel', 'SaveImage'],
      models: [{ folder: 'upscale_models', filename: '4x-animevideov3.onnx', url: 'https://models/x' }],
    },
  });
}

/** Says what it was told: for tests that run no graph. */
export const echo = defineWorkflow({
  workflow_id: 'echo',
  task_type: 'echo',
  title: 'Echo',
  parameters: z.strictObject({ text: z.string() }),
  graph: { text: { class_type: 'Text', inputs: { text: '' } } },
  bindings: { text: 'text.text' },
  files: {},
  outputs: ['text'],
  requirements: { nodes: ['Text'], models: [] },
});
