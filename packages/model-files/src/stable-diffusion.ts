import { modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const STABILITY = `${HF}/stabilityai`;
const SD15 = `${HF}/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors`;
const SDXL = `${STABILITY}/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors`;
const SVD = `${STABILITY}/stable-video-diffusion-img2vid-xt/resolve/main/svd_xt.safetensors`;

/** Stable Diffusion 1.5. */
export const sd15 = [modelFile('checkpoints', SD15, 2_130_000_000)];

/** Stable Diffusion XL. */
export const sdxl = [modelFile('checkpoints', SDXL, 6_940_000_000)];

/** Stable Video Diffusion XT. */
export const svd = [modelFile('checkpoints', SVD, 9_560_000_000)];
