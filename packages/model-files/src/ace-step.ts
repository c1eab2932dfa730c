import { modelFile } from '@heurist/core/definition';

const REPOSITORY = 'https://huggingface.co/Comfy-Org/ACE-Step_ComfyUI_repackaged/resolve/main';

/** ACE-Step: text to music. */
export const aceStep = [
  modelFile('checkpoints', `${REPOSITORY}/all_in_one/ace_step_v1_3.5b.safetensors`, 7_700_000_000),
];
