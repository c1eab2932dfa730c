import type { ModelRequirement } from '@heurist/core/definition';

/** What is known of a model besides its file. */
export interface Terms {
  /** Its licence, as its publisher names it. */
  licence: string;
  /** Where the publisher says so: each was read there. */
  source: string;
}

const HF = 'https://huggingface.co';
const GITHUB = 'https://github.com';

const apache = (source: string): Terms => ({ licence: 'Apache-2.0', source });

/** By what the address of a file contains, the most exact first. */
const TERMS: readonly [part: string, terms: Terms | undefined][] = [
  // parts by others, published again beside a model: nobody was found to name a licence
  ['/clip_l.', undefined],
  ['/clip_vision_h.', undefined],
  // a fine-tune of Llama 3
  ['/llava_llama3', undefined],
  ['/t5xxl', apache(`${HF}/google/t5-v1_1-xxl`)],
  ['/umt5_xxl', apache(`${HF}/google/umt5-xxl`)],
  ['/qwen_2.5_vl_7b', apache(`${HF}/Qwen/Qwen2.5-VL-7B-Instruct`)],
  ['/wan2.2_i2v_lightx2v', apache(`${GITHUB}/ModelTC/Wan2.2-Lightning`)],
  [
    'stable-diffusion-v1-5',
    { licence: 'CreativeML Open RAIL-M', source: `${HF}/Comfy-Org/stable-diffusion-v1-5-archive` },
  ],
  [
    'stable-diffusion-xl-base-1.0',
    { licence: 'CreativeML Open RAIL++-M', source: `${HF}/stabilityai/stable-diffusion-xl-base-1.0` },
  ],
  [
    'stable-video-diffusion',
    {
      licence: 'Stable Video Diffusion Community License',
      source: `${HF}/stabilityai/stable-video-diffusion-img2vid-xt`,
    },
  ],
  // "The weights of the autoencoder are also released under apache-2.0"
  ['FLUX.1-schnell', apache(`${GITHUB}/black-forest-labs/flux`)],
  ['/flux1-dev', { licence: 'FLUX.1-dev Non-Commercial License', source: `${GITHUB}/black-forest-labs/flux` }],
  ['Qwen-Image', apache(`${GITHUB}/QwenLM/Qwen-Image`)],
  ['Wan_2.1', apache(`${GITHUB}/Wan-Video/Wan2.1`)],
  ['Wan_2.2', apache(`${GITHUB}/Wan-Video/Wan2.2`)],
  ['ACE-Step', apache(`${GITHUB}/ace-step/ACE-Step`)],
  ['mochi', apache(`${GITHUB}/genmoai/mochi`)],
  // not for use in the European Union, the United Kingdom and South Korea
  [
    'HunyuanVideo',
    { licence: 'Tencent Hunyuan Community License', source: `${HF}/tencent/HunyuanVideo/blob/main/Notice` },
  ],
  // versions before and after have other terms
  ['ltx-video-2b-v0.9.5', { licence: 'OpenRAIL-M', source: `${GITHUB}/Lightricks/LTX-Video` }],
  ['Real-ESRGAN', { licence: 'BSD-3-Clause', source: `${GITHUB}/xinntao/Real-ESRGAN/blob/master/LICENSE` }],
  ['tiny-icons', { licence: 'MIT', source: 'https://www.npmjs.com/package/@heurist/tiny-icons' }],
];

/** The terms of a model file; nothing for one of which no publisher was found to say any. */
export function termsOf({ url }: ModelRequirement): Terms | undefined {
  return TERMS.find(([part]) => url?.includes(part))?.[1];
}
