import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import { x2, x4 } from '@heurist/model-files/real-esrgan';
import graph from './graphs/upscaler.api.json' with { type: 'json' };
import { upscalerOptions } from './options.ts';

/**
 * Everything that the network needs to run an upscale. Whatever the scale factor of a server's model, `fit` resizes the
 * image to the requested size. `JoinImageWithAlpha` restores the transparency of the original, which ComfyUI's LoadImage
 * splits off as a mask.
 */
export const definitions = [
  defineWorkflow({
    workflow_id: 'upscaler',
    task_type: 'upscaler',
    title: 'Upscale an image two or four times',
    parameters: wireSchema(upscalerOptions()),
    graph,
    bindings: {
      image: 'image.image',
      scale: ['wanted.scale_by', { node: 'model', input: 'model_name', values: { 2: x2.filename, 4: x4.filename } }],
    },
    constants: ['wanted.upscale_method', 'fit.upscale_method,crop'],
    files: { image: { kind: 'image', max_bytes: 50_000_000 } },
    outputs: ['save'],
    requirements: { models: [x4, x2] },
  }),
];
