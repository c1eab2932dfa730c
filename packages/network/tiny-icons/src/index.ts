import { fileURLToPath } from 'node:url';

/** Folder laid out like ComfyUI's `models`, with `checkpoints/tiny-icons`: for `createEngine({ models: [...] })`. */
export const tinyIconsModels: string = fileURLToPath(new URL('../models', import.meta.url));
