import { comfyOrg } from '@heurist/core/definition';

const file = comfyOrg('mochi_preview_repackaged');

/** Mochi 1 preview. */
export const mochi = [
  file('diffusion_models/mochi_preview_fp8_scaled.safetensors', 10_000_000_000),
  file('text_encoders/t5xxl_fp8_e4m3fn_scaled.safetensors', 5_160_000_000),
  file('vae/mochi_vae.safetensors', 920_000_000),
];
