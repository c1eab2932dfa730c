import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import graph from './photo-glow.api.json' with { type: 'json' };
import { photoGlowOptions } from './photo-glow-options.ts';

/** How the network runs the graph. */
export const definitions = [
  defineWorkflow({
    workflow_id: 'photo-glow',
    task_type: 'photo-glow',
    title: 'photo-glow',
    parameters: wireSchema(photoGlowOptions),
    graph,
    bindings: {
      image: '3.image',
      width: '5.width',
      height: '5.height',
      blur_radius: '6.blur_radius',
      sigma: '6.sigma',
      blend_factor: '8.blend_factor',
    },
    constants: ['5.upscale_method,crop', '8.blend_mode'],
    files: { image: { kind: 'image', max_bytes: 50000000 } },
    outputs: ['9'],
    requirements: { models: [] },
  }),
];
