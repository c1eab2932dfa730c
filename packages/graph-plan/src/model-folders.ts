/** Inputs that name a model file -> the folder under `models/` where ComfyUI looks for it. */
const folders = new Map(
  Object.entries({
    ckpt_name: 'checkpoints',
    unet_name: 'diffusion_models',
    vae_name: 'vae',
    clip_name: 'text_encoders',
    clip_name1: 'text_encoders',
    clip_name2: 'text_encoders',
    clip_name3: 'text_encoders',
    clip_name4: 'text_encoders',
    lora_name: 'loras',
    control_net_name: 'controlnet',
    style_model_name: 'style_models',
    gligen_name: 'gligen',
    hypernetwork_name: 'hypernetworks',
  }),
);

/** Inputs whose name usually means another folder. */
const exceptions = new Map(
  Object.entries({
    'CLIPVisionLoader.clip_name': 'clip_vision',
    'UpscaleModelLoader.model_name': 'upscale_models',
  }),
);

/** The folder of the model file that an input names, or `undefined` if it names none. */
export function modelFolder(class_type: string, input: string): string | undefined {
  return exceptions.get(`${class_type}.${input}`) ?? folders.get(input);
}
