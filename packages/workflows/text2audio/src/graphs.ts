import { defineWorkflow, modelFile, wireSchema } from '@heurist/core/definition';
import graph from './graphs/ace-step.api.json' with { type: 'json' };
import { text2audioOptions } from './options.ts';

const ACE_STEP = 'https://huggingface.co/Comfy-Org/ACE-Step_ComfyUI_repackaged/resolve/main';

/** What the network needs to run the graph. */
export const definitions = [
  defineWorkflow({
    workflow_id: 'ace-step',
    task_type: 'txt2audio',
    title: 'Music from words (ACE-Step)',
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
    requirements: {
      models: [modelFile('checkpoints', `${ACE_STEP}/all_in_one/ace_step_v1_3.5b.safetensors`, 7_700_000_000)],
    },
  }),
];
