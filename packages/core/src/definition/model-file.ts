import type { ModelRequirement } from './workflow-definition.ts';

/**
 * A model file by its address.
 *
 * @param folder - ComfyUI's folder under `models/`
 * @param bytes - its size
 */
export function modelFile(folder: string, url: string, bytes: number): ModelRequirement & { url: string } {
  return { folder, filename: new URL(url).pathname.split('/').at(-1) ?? '', url, bytes };
}

/**
 * The model files of a repository of Comfy-Org on Hugging Face, which are laid out as ComfyUI's folders.
 *
 * @param repository - such as `Wan_2.1_ComfyUI_repackaged`
 * @returns makes a file from its path, such as `vae/wan_2.1_vae.safetensors`, and its size in bytes
 */
export function comfyOrg(repository: string): (path: string, bytes: number) => ModelRequirement & { url: string } {
  return (path, bytes) => {
    const url = `https://huggingface.co/Comfy-Org/${repository}/resolve/main/split_files/${path}`;
    return modelFile(path.split('/')[0] ?? '', url, bytes);
  };
}
