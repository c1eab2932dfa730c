import { comfyOrg, modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const wan21 = comfyOrg('Wan_2.1_ComfyUI_repackaged');
const wan22 = comfyOrg('Wan_2.2_ComfyUI_Repackaged');

const umt5 = wan21('text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors', 6_740_000_000);
const wan21Vae = wan21('vae/wan_2.1_vae.safetensors', 254_000_000);

export const wan22Large = [
  wan22('diffusion_models/wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  wan22('diffusion_models/wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  umt5,
  wan21Vae,
];
export const wan22FourStep = [
  ...wan22Large,
  wan22('loras/wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors', 1_230_000_000),
  wan22('loras/wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors', 1_230_000_000),
];
export const wan22Small = [
  wan22('diffusion_models/wan2.2_ti2v_5B_fp16.safetensors', 10_000_000_000),
  umt5,
  wan22('vae/wan2.2_vae.safetensors', 1_410_000_000),
];
export const wan21Large = [
  wan21('diffusion_models/wan2.1_i2v_480p_14B_fp16.safetensors', 32_800_000_000),
  wan21('clip_vision/clip_vision_h.safetensors', 1_260_000_000),
  umt5,
  wan21Vae,
];
export const ltxv = [
  modelFile('checkpoints', `${HF}/Lightricks/LTX-Video/resolve/main/ltx-video-2b-v0.9.5.safetensors`, 6_340_000_000),
  modelFile(
    'text_encoders',
    `${HF}/comfyanonymous/flux_text_encoders/resolve/main/t5xxl_fp16.safetensors`,
    9_790_000_000,
  ),
];
const SVD = `${HF}/stabilityai/stable-video-diffusion-img2vid-xt/resolve/main/svd_xt.safetensors`;
export const svd = [modelFile('checkpoints', SVD, 9_560_000_000)];
