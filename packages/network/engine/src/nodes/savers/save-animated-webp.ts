import type { ImageBatch } from '../../images/image.ts';
import { encodeAnimatedWebp } from '../../images/picture-file.ts';
import { expandPrefix } from '../../storage/files.ts';
import type { NodeClass } from '../node-class.ts';

/** ComfyUI's names for how long the encoder may try, and what they are to libwebp. */
const efforts = { fastest: 0, default: 4, slowest: 6 };

interface SaveInputs {
  images: ImageBatch;
  filename_prefix: string;
  fps: number;
  lossless: boolean;
  quality: number;
  method: keyof typeof efforts;
}

export const saveAnimatedWebp: NodeClass = {
  name: 'SaveAnimatedWEBP',
  displayName: 'SaveAnimatedWEBP',
  category: 'image/animation',
  pythonModule: 'comfy_extras.nodes_images',
  input: () => ({
    images: ['IMAGE'],
    filename_prefix: ['STRING', { default: 'ComfyUI' }],
    fps: ['FLOAT', { default: 6.0, min: 0.01, max: 1000.0, step: 0.01 }],
    lossless: ['BOOLEAN', { default: true }],
    quality: ['INT', { default: 80, min: 0, max: 100 }],
    method: [['default', 'fastest', 'slowest']],
  }),
  hidden: { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' },
  output: [],
  isOutput: true,
  async run({ images, filename_prefix, fps, lossless, quality, method }: SaveInputs, { files }) {
    const bytes = await encodeAnimatedWebp(images, { fps, lossless, quality, effort: efforts[method] });
    const prefix = expandPrefix(filename_prefix, images.width, images.height);
    const saved = await files.saveNumbered(prefix, 'output', [bytes], 'webp');
    return { outputs: [], ui: { images: saved, animated: [images.batch > 1] } };
  },
};
