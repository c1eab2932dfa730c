// Files that a visitor of "Your workflow" brings.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { savedPath } from '@heurist/test-servers/recordings';

const root = resolve(import.meta.dirname, '../../..');

/** A file of the editor: a card with a glow from a photo. */
export const softGlow = join(root, 'docs/your-own-workflow/soft-glow.json');

const inFolder = (folder: string, names: RegExp): string[] =>
  readdirSync(folder)
    .filter((name) => names.test(name))
    .map((name) => join(folder, name));

/** Files of the editor, and what a real ComfyUI saved. */
export const realFiles: [name: string, path: string][] = [
  softGlow,
  ...inFolder(join(root, 'internal/editor-exports/graphs'), /\.json$/),
  ...inFolder(savedPath(''), /\.(?!md)\w+$/),
].map((path) => [basename(path), path]);

export const read = (path: string): Uint8Array => Uint8Array.from(readFileSync(path));

/** A small graph in API format, whose names try to be HTML. */
export const hostileGraph = {
  '1': {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: '<img src=x onerror="throw Error(1)">.safetensors' },
  },
  '2': {
    class_type: 'CLIPTextEncode',
    inputs: { text: '<script>throw Error(2)</script> \u202egnp.exe', clip: ['1', 1] },
    _meta: { title: '<b onmouseover="throw Error(3)">Title</b>' },
  },
  '3': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '4': {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['2', 0],
      latent_image: ['3', 0],
      seed: 7,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    },
  },
  '5': { class_type: 'VAEDecode', inputs: { samples: ['4', 0], vae: ['1', 2] } },
  '6': { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: '<i>x' } },
};

/** A graph of many nodes: pictures that are joined two by two, and saved. */
export function largeGraph(nodes: number) {
  const leaves = nodes / 2;
  const node = (index: number) =>
    index < leaves
      ? { class_type: 'LoadImage', inputs: { image: `${index}.png` } }
      : {
          class_type: 'ImageBatch',
          inputs: { image1: [String(2 * (index - leaves)), 0], image2: [String(2 * (index - leaves) + 1), 0] },
        };
  const graph = Object.fromEntries(Array.from({ length: nodes - 1 }, (_, index) => [String(index), node(index)]));
  return {
    ...graph,
    save: { class_type: 'SaveImage', inputs: { images: [String(nodes - 2), 0], filename_prefix: 'x' } },
  };
}
