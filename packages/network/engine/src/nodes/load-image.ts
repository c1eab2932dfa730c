import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type EngineFiles, hash } from '../files.ts';
import type { NodeClass } from '../node-class.ts';
import { readPicture } from '../picture-file.ts';

export const loadImage: NodeClass = {
  name: 'LoadImage',
  displayName: 'Load Image',
  category: 'image',
  pythonModule: 'nodes',
  input: ({ files }) => ({ image: [files.listInputs(), { image_upload: true }] }),
  output: ['IMAGE', 'MASK'],
  validate: {
    inputs: ['image'],
    check: ({ image }, { files }) => (inputExists(files, `${image}`) ? undefined : `Invalid image file: ${image}`),
  },
  fingerprint: async ({ image }, { files }) => hash(await readFile(files.locateInput(`${image}`))),
  async run({ image }: { image: string }, { files }) {
    const picture = await readPicture(files.locateInput(image), image);
    return { outputs: [picture.image, picture.mask] };
  },
};

function inputExists(files: EngineFiles, name: string): boolean {
  try {
    return existsSync(files.locateInput(name));
  } catch {
    return false;
  }
}
