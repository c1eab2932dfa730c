import { modelFile } from '@heurist/core/definition';

const HF = 'https://huggingface.co';
const comfy = (model: string) => `${HF}/Comfy-Org/${model}/resolve/main/split_files`;
const WAN21 = comfy('Wan_2.1_ComfyUI_repackaged');
const WAN22 = comfy('Wan_2.2_ComfyUI_Repackaged');
const HUNYUAN = comfy('HunyuanVideo_repackaged');
const MOCHI = comfy('mochi_preview_repackaged');
const FLUX_ENCODERS = `${HF}/comfyanonymous/flux_text_encoders/resolve/main`;

const umt5 = modelFile('text_encoders', `${WAN21}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors`, 6_740_000_000);
const wan21Vae = modelFile('vae', `${WAN21}/vae/wan_2.1_vae.safetensors`, 254_000_000);

export const hunyuan = [
  modelFile('diffusion_models', `${HUNYUAN}/diffusion_models/hunyuan_video_t2v_720p_bf16.safetensors`, 25_600_000_000),
  modelFile('text_encoders', `${HUNYUAN}/text_encoders/clip_l.safetensors`, 246_000_000),
  modelFile('text_encoders', `${HUNYUAN}/text_encoders/llava_llama3_fp8_scaled.safetensors`, 9_090_000_000),
  modelFile('vae', `${HUNYUAN}/vae/hunyuan_video_vae_bf16.safetensors`, 493_000_000),
];
export const mochi = [
  modelFile('diffusion_models', `${MOCHI}/diffusion_models/mochi_preview_fp8_scaled.safetensors`, 10_000_000_000),
  modelFile('text_encoders', `${MOCHI}/text_encoders/t5xxl_fp8_e4m3fn_scaled.safetensors`, 5_160_000_000),
  modelFile('vae', `${MOCHI}/vae/mochi_vae.safetensors`, 920_000_000),
];
export const wan21Small = [
  modelFile('diffusion_models', `${WAN21}/diffusion_models/wan2.1_t2v_1.3B_fp16.safetensors`, 2_840_000_000),
  umt5,
  wan21Vae,
];
export const wan22Large = [
  modelFile(
    'diffusion_models',
    `${WAN22}/diffusion_models/wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors`,
    14_300_000_000,
  ),
  modelFile(
    'diffusion_models',
    `${WAN22}/diffusion_models/wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors`,
    14_300_000_000,
  ),
  umt5,
  wan21Vae,
];
export const wan22Small = [
  modelFile('diffusion_models', `${WAN22}/diffusion_models/wan2.2_ti2v_5B_fp16.safetensors`, 10_000_000_000),
  umt5,
  modelFile('vae', `${WAN22}/vae/wan2.2_vae.safetensors`, 1_410_000_000),
];
export const ltxv = [
  modelFile('checkpoints', `${HF}/Lightricks/LTX-Video/resolve/main/ltx-video-2b-v0.9.5.safetensors`, 6_340_000_000),
  modelFile('text_encoders', `${FLUX_ENCODERS}/t5xxl_fp16.safetensors`, 9_790_000_000),
];
