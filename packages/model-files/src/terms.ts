import type { ModelRequirement } from '@heurist/core/definition';

/** What is known of a model besides its file. */
export interface Terms {
  /** Its licence, as its publisher names it. */
  licence: string;
  /** Where the publisher says so. */
  source: string;
}

const HF = 'https://huggingface.co';
const APACHE = 'Apache-2.0';
const wan = { licence: APACHE, source: `${HF}/Wan-AI` };

/** By what the address of a file contains, the most exact first. */
const TERMS: readonly [part: string, terms: Terms][] = [
  [
    'stable-diffusion-v1-5',
    { licence: 'CreativeML Open RAIL-M', source: `${HF}/stable-diffusion-v1-5/stable-diffusion-v1-5` },
  ],
  [
    'stable-diffusion-xl-base-1.0',
    { licence: 'CreativeML Open RAIL++-M', source: `${HF}/stabilityai/stable-diffusion-xl-base-1.0` },
  ],
  ['FLUX.1-schnell', { licence: APACHE, source: `${HF}/black-forest-labs/FLUX.1-schnell` }],
  ['/t5xxl', { licence: APACHE, source: `${HF}/google/t5-v1_1-xxl` }],
  ['/flux1-dev', { licence: 'FLUX.1 dev Non-Commercial License', source: `${HF}/black-forest-labs/FLUX.1-dev` }],
  ['Qwen-Image', { licence: APACHE, source: `${HF}/Qwen/Qwen-Image` }],
  ['Wan_2', wan],
  ['ACE-Step', { licence: APACHE, source: `${HF}/ACE-Step/ACE-Step-v1-3.5B` }],
  ['mochi', { licence: APACHE, source: `${HF}/genmo/mochi-1-preview` }],
  ['HunyuanVideo', { licence: 'Tencent Hunyuan Community License', source: `${HF}/tencent/HunyuanVideo` }],
  ['Real-ESRGAN', { licence: 'BSD-3-Clause', source: 'https://github.com/xinntao/Real-ESRGAN' }],
  ['tiny-icons', { licence: 'MIT', source: 'https://www.npmjs.com/package/@heurist/tiny-icons' }],
];

/** The terms of a model file; nothing where only its source says them. */
export function termsOf({ url }: ModelRequirement): Terms | undefined {
  return TERMS.find(([part]) => url?.includes(part))?.[1];
}
