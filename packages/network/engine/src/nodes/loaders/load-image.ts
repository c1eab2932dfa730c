import { readFile } from 'node:fs/promises';
import { readPicture } from '../../images/picture-file.ts';
import { hash } from '../../storage/files.ts';
import type { NodeClass, NodeServices } from '../node-class.ts';

/** Hash of the file that `image` names. */
export async function inputFingerprint({ image }: Record<string, unknown>, { files }: NodeServices): Promise<string> {
  return hash(await readFile(files.locateInput(`${image}`)));
}

export const loadImage: NodeClass = {
  name: 'LoadImage',
  displayName: 'Load Image',
  category: 'image',
  pythonModule: 'nodes',
  input: ({ files }) => ({ image: [files.listInputs(), { image_upload: true }] }),
  output: ['IMAGE', 'MASK'],
  fingerprint: inputFingerprint,
  async run({ image }: { image: string }, { files }) {
    const picture = await readPicture(files.locateInput(image), image);
    return { outputs: [picture.image, picture.mask] };
  },
};
