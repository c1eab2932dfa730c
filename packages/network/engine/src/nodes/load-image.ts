import { readFile } from 'node:fs/promises';
import { hash } from '../files.ts';
import type { NodeClass } from '../node-class.ts';
import { readPicture } from '../picture-file.ts';

export const loadImage: NodeClass = {
  name: 'LoadImage',
  displayName: 'Load Image',
  category: 'image',
  pythonModule: 'nodes',
  input: ({ files }) => ({ image: [files.listInputs(), { image_upload: true }] }),
  output: ['IMAGE', 'MASK'],
  fingerprint: async ({ image }, { files }) => hash(await readFile(files.locateInput(`${image}`))),
  async run({ image }: { image: string }, { files }) {
    const picture = await readPicture(files.locateInput(image), image);
    return { outputs: [picture.image, picture.mask] };
  },
};
