import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import { aceStep } from '@heurist/model-files/ace-step';
import graph from './graphs/ace-step.api.json' with { type: 'json' };
import { text2audioOptions } from './options.ts';

/** Everything that the network needs to run the graph. */
export const definitions = [
  defineWorkflow({
    workflow_id: 'ace-step',
    task_type: 'txt2audio',
    title: 'Text to music (ACE-Step)',
    parameters: wireSchema(text2audioOptions['ace-step']),
    graph,
    bindings: {
      tags: 'text.tags',
      lyrics: 'text.lyrics',
      lyrics_strength: 'text.lyrics_strength',
      seconds: 'latent.seconds',
      steps: 'sampler.steps',
      cfg: 'sampler.cfg',
      seed: 'sampler.seed',
    },
    constants: [
      'shift.shift',
      'tone.multiplier',
      'latent.batch_size',
      'sampler.sampler_name,scheduler,denoise',
      'save.quality',
    ],
    outputs: ['save'],
    requirements: { models: aceStep },
  }),
];
