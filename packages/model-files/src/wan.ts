import { comfyOrg } from '@heurist/core/definition';

const wan21 = comfyOrg('Wan_2.1_ComfyUI_repackaged');
const wan22 = comfyOrg('Wan_2.2_ComfyUI_Repackaged');

// only the 5B model of Wan 2.2 has an autoencoder of its own
const encoder = wan21('text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors', 6_740_000_000);
const vae = wan21('vae/wan_2.1_vae.safetensors', 254_000_000);

/** Wan 2.1, 1.3B: text to video. */
export const wan21Text1B = [wan21('diffusion_models/wan2.1_t2v_1.3B_fp16.safetensors', 2_840_000_000), encoder, vae];

/** Wan 2.1, 14B: image to video. */
export const wan21Image14B = [
  wan21('diffusion_models/wan2.1_i2v_480p_14B_fp16.safetensors', 32_800_000_000),
  wan21('clip_vision/clip_vision_h.safetensors', 1_260_000_000),
  encoder,
  vae,
];

/** Wan 2.2, 14B: text to video. */
export const wan22Text14B = [
  wan22('diffusion_models/wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  wan22('diffusion_models/wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  encoder,
  vae,
];

/** Wan 2.2, 14B: image to video. */
export const wan22Image14B = [
  wan22('diffusion_models/wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  wan22('diffusion_models/wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  encoder,
  vae,
];

/** Wan 2.2, 14B, with the LoRAs for four steps: image to video. */
export const wan22Image14BFourSteps = [
  ...wan22Image14B,
  wan22('loras/wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors', 1_230_000_000),
  wan22('loras/wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors', 1_230_000_000),
];

/** Wan 2.2, 5B: text to video and image to video. */
export const wan22Both5B = [
  wan22('diffusion_models/wan2.2_ti2v_5B_fp16.safetensors', 10_000_000_000),
  encoder,
  wan22('vae/wan2.2_vae.safetensors', 1_410_000_000),
];
