import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import { x2, x4 } from '@heurist/model-files/real-esrgan';
import graph from './graphs/upscaler.api.json' with { type: 'json' };
import { upscalerOptions } from './options.ts';

/**
 * What the network needs to run an upscale. Whatever the factor of the network that a server has, `fit` brings the
 * picture to the size asked for: averaging a larger one, leaving alone one that fits. `JoinImageWithAlpha` puts the
 * transparency of the original back, which ComfyUI's LoadImage splits off as a mask.
 */
export const definitions = [
  defineWorkflow({
    workflow_id: 'upscaler',
    task_type: 'upscaler',
    title: 'Upscale a picture two or four times',
    parameters: wireSchema(upscalerOptions),
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
