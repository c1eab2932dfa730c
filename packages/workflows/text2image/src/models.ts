import { modelFile } from '@heurist/core/definition';

const COMFY = 'https://huggingface.co/Comfy-Org';
const QWEN = `${COMFY}/Qwen-Image_ComfyUI/resolve/main/split_files`;

export const sdxl = modelFile(
  'checkpoints',
  'https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors',
  6_940_000_000,
);
export const sd15 = modelFile(
  'checkpoints',
  `${COMFY}/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors`,
  2_130_000_000,
);
export const fluxDev = modelFile(
  'checkpoints',
  `${COMFY}/flux1-dev/resolve/main/flux1-dev-fp8.safetensors`,
  17_200_000_000,
);
export const qwenImage = [
  modelFile('diffusion_models', `${QWEN}/diffusion_models/qwen_image_fp8_e4m3fn.safetensors`, 20_400_000_000),
  modelFile('text_encoders', `${QWEN}/text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors`, 9_380_000_000),
  modelFile('vae', `${QWEN}/vae/qwen_image_vae.safetensors`, 254_000_000),
];
