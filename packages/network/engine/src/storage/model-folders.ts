import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../diffusion/checkpoint.ts';

/** ComfyUI's model folders that the engine has nodes for, and what counts as a model there. */
const kinds: Record<string, (root: string, name: string) => boolean> = {
  // a checkpoint is a folder
  checkpoints: (root, name) => existsSync(join(root, name, MANIFEST)),
  upscale_models: (_, name) => name.endsWith('.onnx'),
};
export const MODEL_FOLDERS = Object.keys(kinds);

/** Finds models. */
export interface ModelFolders {
  /** Names in a folder, or `undefined` for a folder that the engine does not know. */
  list(folder: string): string[] | undefined;
  /** Where a model lies, or `undefined`. */
  find(folder: string, name: string): string | undefined;
}

/**
 * @param roots - where folders named like ComfyUI's lie, the first with a model of a name counts
 */
export function createModelFolders(roots: readonly string[]): ModelFolders {
  const list = (folder: string) => {
    if (!Object.hasOwn(kinds, folder)) return undefined;
    const names = roots
      .map((root) => join(root, folder))
      .filter((path) => existsSync(path))
      .flatMap((path) => readdirSync(path).filter((name) => kinds[folder]!(path, name)));
    return [...new Set(names)];
  };
  return {
    list,
    find(folder, name) {
      // only listed names become paths
      if (!list(folder)?.includes(name)) return undefined;
      return roots.map((root) => join(root, folder, name)).find((path) => existsSync(path));
    },
  };
}
