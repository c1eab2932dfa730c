import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import * as z from 'zod/mini';

const image = z.string();

/** A quick workflow. */
export const invert: WorkflowDefinition = defineWorkflow({
  workflow_id: 'invert',
  task_type: 'invert',
  title: 'Invert',
  parameters: z.strictObject({ image }),
  graph: {
    load: { class_type: 'LoadImage', inputs: { image: 'x.png' } },
    invert: { class_type: 'ImageInvert', inputs: { image: ['load', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['invert', 0], filename_prefix: 'invert' } },
  },
  bindings: { image: { node: 'load', input: 'image' } },
  files: { image: { kind: 'image', max_bytes: 20_000_000 } },
  outputs: ['save'],
  requirements: { nodes: ['LoadImage', 'ImageInvert', 'SaveImage'], models: [] },
});

/** A slow one: a network over many tiles. The model that it names is not there, its alternative is. */
export const enlarge: WorkflowDefinition = defineWorkflow({
  workflow_id: 'enlarge',
  task_type: 'enlarge',
  title: 'Enlarge',
  parameters: z.strictObject({ width: z.optional(z.number()) }),
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { width: 64, height: 256, batch_size: 1, color: 255 } },
    model: { class_type: 'UpscaleModelLoader', inputs: { model_name: 'big.pth' } },
    up: { class_type: 'ImageUpscaleWithModel', inputs: { upscale_model: ['model', 0], image: ['empty', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['up', 0], filename_prefix: 'enlarge' } },
  },
  bindings: { width: { node: 'empty', input: 'width' } },
  files: {},
  outputs: ['save'],
  requirements: {
    nodes: ['EmptyImage', 'UpscaleModelLoader', 'ImageUpscaleWithModel', 'SaveImage'],
    models: [
      {
        folder: 'upscale_models',
        filename: 'big.pth',
        url: 'https://models/big.pth',
        alternatives: ['4x-animevideov3.onnx'],
      },
    ],
  },
});

/** One that the engine cannot run, of the type of one that it can. */
export const impossible: WorkflowDefinition = defineWorkflow({
  ...invert,
  workflow_id: 'impossible',
  requirements: { nodes: [...invert.requirements.nodes, 'SamplerCustom'], models: [] },
});
