import { comfyOrg, modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const SDXL = `${HF}/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors`;
const SD15 = `${HF}/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors`;
const FLUX_DEV = `${HF}/Comfy-Org/flux1-dev/resolve/main/flux1-dev-fp8.safetensors`;
// a package of npm, which the engine of a local network has with it
const TINY = 'https://www.npmjs.com/package/@heurist/tiny-icons';
const qwen = comfyOrg('Qwen-Image_ComfyUI');

export const sdxl = [modelFile('checkpoints', SDXL, 6_940_000_000)];
export const sd15 = [modelFile('checkpoints', SD15, 2_130_000_000)];
export const fluxDev = [modelFile('checkpoints', FLUX_DEV, 17_200_000_000)];
export const tinyIcons = modelFile('checkpoints', TINY, 24_000_000);
export const qwenImage = [
  qwen('diffusion_models/qwen_image_fp8_e4m3fn.safetensors', 20_400_000_000),
  qwen('text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors', 9_380_000_000),
  qwen('vae/qwen_image_vae.safetensors', 254_000_000),
];
