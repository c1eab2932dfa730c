import { comfyOrg } from '@heurist/core/definition';

const file = comfyOrg('HunyuanVideo_repackaged');

/** HunyuanVideo, for 720p. */
export const hunyuanVideo = [
  file('diffusion_models/hunyuan_video_t2v_720p_bf16.safetensors', 25_600_000_000),
  file('text_encoders/clip_l.safetensors', 246_000_000),
  file('text_encoders/llava_llama3_fp8_scaled.safetensors', 9_090_000_000),
  file('vae/hunyuan_video_vae_bf16.safetensors', 493_000_000),
];
