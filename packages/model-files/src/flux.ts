import { modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const BLACK_FOREST_LABS = `${HF}/black-forest-labs`;
const ENCODERS = `${HF}/comfyanonymous/flux_text_encoders/resolve/main`;
const CHECKPOINT = `${HF}/Comfy-Org/flux1-dev/resolve/main/flux1-dev-fp8.safetensors`;
const DIFFUSION_MODEL = `${BLACK_FOREST_LABS}/FLUX.1-dev/resolve/main/flux1-dev.safetensors`;
const VAE = `${BLACK_FOREST_LABS}/FLUX.1-schnell/resolve/main/ae.safetensors`;

/** The text encoder T5 XXL, in half precision. */
export const t5xxl = modelFile('text_encoders', `${ENCODERS}/t5xxl_fp16.safetensors`, 9_790_000_000);

/** FLUX.1 dev in one file. */
export const fluxDev = [modelFile('checkpoints', CHECKPOINT, 17_200_000_000)];

/** FLUX.1 dev in parts, for graphs that change one of them, such as by a LoRA. */
export const fluxDevParts = [
  {
    ...modelFile('diffusion_models', DIFFUSION_MODEL, 23_800_000_000),
    alternatives: ['flux1-dev-fp8.safetensors'],
  },
  modelFile('text_encoders', `${ENCODERS}/t5xxl_fp8_e4m3fn.safetensors`, 4_890_000_000),
  modelFile('text_encoders', `${ENCODERS}/clip_l.safetensors`, 246_000_000),
  modelFile('vae', VAE, 335_000_000),
];
