import { comfyOrg } from '@heurist/core/definition';

const file = comfyOrg('Qwen-Image_ComfyUI');

/** Qwen-Image. */
export const qwenImage = [
  file('diffusion_models/qwen_image_fp8_e4m3fn.safetensors', 20_400_000_000),
  file('text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors', 9_380_000_000),
  file('vae/qwen_image_vae.safetensors', 254_000_000),
];
