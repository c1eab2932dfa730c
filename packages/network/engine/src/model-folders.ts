import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** ComfyUI's model folders that the engine has nodes for. */
export const MODEL_FOLDERS = ['upscale_models'] as const;

/** Finds model files. */
export interface ModelFolders {
  /** Names in a folder, or `undefined` for a folder that the engine does not know. */
  list(folder: string): string[] | undefined;
  /** Where a model lies, or `undefined`. */
  find(folder: string, name: string): string | undefined;
}

/**
 * @param roots - for each folder, where its files lie: the engine's own weights first, then the user's
 */
export function createModelFolders(roots: Record<(typeof MODEL_FOLDERS)[number], string[]>): ModelFolders {
  const known = (folder: string) => (Object.hasOwn(roots, folder) ? roots[folder as keyof typeof roots] : undefined);
  const list = (folder: string) =>
    known(folder)?.flatMap((root) =>
      existsSync(root) ? readdirSync(root).filter((name) => name.endsWith('.onnx')) : [],
    );
  return {
    list,
    find(folder, name) {
      // only listed names become paths
      if (!list(folder)?.includes(name)) return undefined;
      return known(folder)
        ?.map((root) => join(root, name))
        .find((path) => existsSync(path));
    },
  };
}
