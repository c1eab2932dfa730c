import { modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const WAN21 = `${HF}/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files`;
const WAN22 = `${HF}/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files`;
const EXPERT_BYTES = 14_300_000_000;
const LORA_BYTES = 1_230_000_000;

const umt5 = modelFile('text_encoders', `${WAN21}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors`, 6_740_000_000);
const wan21Vae = modelFile('vae', `${WAN21}/vae/wan_2.1_vae.safetensors`, 254_000_000);
const experts = ['high', 'low'].map((noise) =>
  modelFile(
    'diffusion_models',
    `${WAN22}/diffusion_models/wan2.2_i2v_${noise}_noise_14B_fp8_scaled.safetensors`,
    EXPERT_BYTES,
  ),
);
const fourStepLoras = ['high', 'low'].map((noise) =>
  modelFile('loras', `${WAN22}/loras/wan2.2_i2v_lightx2v_4steps_lora_v1_${noise}_noise.safetensors`, LORA_BYTES),
);

export const wan22Large = [...experts, umt5, wan21Vae];
export const wan22FourStep = [...experts, ...fourStepLoras, umt5, wan21Vae];
export const wan22Small = [
  modelFile('diffusion_models', `${WAN22}/diffusion_models/wan2.2_ti2v_5B_fp16.safetensors`, 10_000_000_000),
  umt5,
  modelFile('vae', `${WAN22}/vae/wan2.2_vae.safetensors`, 1_410_000_000),
];
export const wan21Large = [
  modelFile('diffusion_models', `${WAN21}/diffusion_models/wan2.1_i2v_480p_14B_fp16.safetensors`, 32_800_000_000),
  modelFile('clip_vision', `${WAN21}/clip_vision/clip_vision_h.safetensors`, 1_260_000_000),
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
export const svd = [
  modelFile(
    'checkpoints',
    `${HF}/stabilityai/stable-video-diffusion-img2vid-xt/resolve/main/svd_xt.safetensors`,
    9_560_000_000,
  ),
];
