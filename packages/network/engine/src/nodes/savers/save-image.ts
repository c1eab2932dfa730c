import { type ImageBatch, pictures } from '../../images/image.ts';
import { encodePng } from '../../images/picture-file.ts';
import { expandPrefix, type FileRef, type FileType, temporaryPrefix } from '../../storage/files.ts';
import type { NodeClass, NodeContext } from '../node-class.ts';

const hidden = { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' };
const description = 'Saves the input images to your ComfyUI output directory.';

export const saveImage: NodeClass = {
  name: 'SaveImage',
  displayName: 'Save Image',
  category: 'image',
  description,
  pythonModule: 'nodes',
  input: () => ({
    images: ['IMAGE', { tooltip: 'The images to save.' }],
    filename_prefix: [
      'STRING',
      {
        default: 'ComfyUI',
        tooltip:
          'The prefix for the file to save. This may include formatting information such as %date:yyyy-MM-dd% or %Empty Latent Image.width% to include values from nodes.',
      },
    ],
  }),
  hidden,
  output: [],
  isOutput: true,
  run: async ({ images, filename_prefix }: { images: ImageBatch; filename_prefix: string }, context) => ({
    outputs: [],
    ui: { images: await save(images, expandPrefix(filename_prefix, images.width, images.height), 'output', context) },
  }),
};

export const previewImage: NodeClass = {
  name: 'PreviewImage',
  displayName: 'Preview Image',
  category: 'image',
  description,
  pythonModule: 'nodes',
  input: () => ({ images: ['IMAGE'] }),
  hidden,
  output: [],
  isOutput: true,
  run: async ({ images }: { images: ImageBatch }, context) => ({
    outputs: [],
    ui: { images: await save(images, temporaryPrefix(), 'temp', context, 1) },
  }),
};

async function save(
  images: ImageBatch,
  prefix: string,
  type: FileType,
  { files }: NodeContext,
  compression = 4,
): Promise<FileRef[]> {
  const encoded = await Promise.all(pictures(images).map((picture) => encodePng(picture, compression)));
  return await files.saveNumbered(prefix, type, encoded, 'png');
}
