import { type Checkpoint, encodePrompt } from '../../diffusion/checkpoint.ts';
import type { Conditioning } from '../../diffusion/sample-latent.ts';
import type { NodeClass } from '../node-class.ts';

export const clipTextEncode: NodeClass = {
  name: 'CLIPTextEncode',
  displayName: 'CLIP Text Encode (Prompt)',
  category: 'conditioning',
  description:
    'Encodes a text prompt using a CLIP model into an embedding that can be used to guide the diffusion model towards generating specific images.',
  pythonModule: 'nodes',
  input: () => ({
    text: ['STRING', { multiline: true, dynamicPrompts: true, tooltip: 'The text to be encoded.' }],
    clip: ['CLIP', { tooltip: 'The CLIP model used for encoding the text.' }],
  }),
  output: ['CONDITIONING'],
  outputTooltips: ['A conditioning containing the embedded text used to guide the diffusion model.'],
  run: async ({ text, clip }: { text: string; clip: Checkpoint }, { inference }) => ({
    outputs: [[await encodePrompt(clip, text, inference)] satisfies Conditioning],
  }),
};

export const conditioningCombine: NodeClass = {
  name: 'ConditioningCombine',
  displayName: 'Conditioning (Combine)',
  category: 'conditioning',
  pythonModule: 'nodes',
  input: () => ({ conditioning_1: ['CONDITIONING'], conditioning_2: ['CONDITIONING'] }),
  output: ['CONDITIONING'],
  run: ({ conditioning_1, conditioning_2 }: { conditioning_1: Conditioning; conditioning_2: Conditioning }) => ({
    outputs: [[...conditioning_1, ...conditioning_2]],
  }),
};
