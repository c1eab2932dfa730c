import type { ModelRequirement } from './workflow-definition.ts';

/**
 * Describes a model file. Its name is the last part of the URL.
 *
 * @param folder - ComfyUI's folder under `models/`
 * @param bytes - size in bytes
 */
export function modelFile(folder: string, url: string, bytes: number): ModelRequirement & { url: string } {
  return { folder, filename: new URL(url).pathname.split('/').at(-1) ?? '', url, bytes };
}

/**
 * Describes the model files of a Comfy-Org repository on Hugging Face, whose folders are those of ComfyUI.
 *
 * @param repository - such as `Wan_2.1_ComfyUI_repackaged`
 * @returns a function that takes a path, such as `vae/wan_2.1_vae.safetensors`, and a size in bytes
 */
export function comfyOrg(repository: string): (path: string, bytes: number) => ModelRequirement & { url: string } {
  return (path, bytes) => {
    const url = `https://huggingface.co/Comfy-Org/${repository}/resolve/main/split_files/${path}`;
    return modelFile(path.split('/')[0] ?? '', url, bytes);
  };
}
