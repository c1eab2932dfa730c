import { comfyOrg, modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const wan21 = comfyOrg('Wan_2.1_ComfyUI_repackaged');
const wan22 = comfyOrg('Wan_2.2_ComfyUI_Repackaged');
const hunyuanVideo = comfyOrg('HunyuanVideo_repackaged');
const mochiPreview = comfyOrg('mochi_preview_repackaged');

const umt5 = wan21('text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors', 6_740_000_000);
const wan21Vae = wan21('vae/wan_2.1_vae.safetensors', 254_000_000);

export const hunyuan = [
  hunyuanVideo('diffusion_models/hunyuan_video_t2v_720p_bf16.safetensors', 25_600_000_000),
  hunyuanVideo('text_encoders/clip_l.safetensors', 246_000_000),
  hunyuanVideo('text_encoders/llava_llama3_fp8_scaled.safetensors', 9_090_000_000),
  hunyuanVideo('vae/hunyuan_video_vae_bf16.safetensors', 493_000_000),
];
export const mochi = [
  mochiPreview('diffusion_models/mochi_preview_fp8_scaled.safetensors', 10_000_000_000),
  mochiPreview('text_encoders/t5xxl_fp8_e4m3fn_scaled.safetensors', 5_160_000_000),
  mochiPreview('vae/mochi_vae.safetensors', 920_000_000),
];
export const wan21Small = [wan21('diffusion_models/wan2.1_t2v_1.3B_fp16.safetensors', 2_840_000_000), umt5, wan21Vae];
export const wan22Large = [
  wan22('diffusion_models/wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  wan22('diffusion_models/wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors', 14_300_000_000),
  umt5,
  wan21Vae,
];
export const wan22Small = [
  wan22('diffusion_models/wan2.2_ti2v_5B_fp16.safetensors', 10_000_000_000),
  umt5,
  wan22('vae/wan2.2_vae.safetensors', 1_410_000_000),
];
export const ltxv = [
  modelFile('checkpoints', `${HF}/Lightricks/LTX-Video/resolve/main/ltx-video-2b-v0.9.5.safetensors`, 6_340_000_000),
  modelFile(
    'text_encoders',
    `${HF}/comfyanonymous/flux_text_encoders/resolve/main/t5xxl_fp16.safetensors`,
    9_790_000_000,
  ),
];
