import {
  checkSize,
  concatBatches,
  createImage,
  cropImage,
  type ImageBatch,
  type MaskBatch,
  mapValues,
  withChannels,
} from '../../images/image.ts';
import { resample, resizeImage } from '../../images/resample.ts';
import type { NodeClass } from '../node-class.ts';

const size = { default: 512, min: 1, max: 16384, step: 1 };

export const emptyImage: NodeClass = {
  name: 'EmptyImage',
  displayName: 'EmptyImage',
  category: 'image',
  pythonModule: 'nodes',
  input: () => ({
    width: ['INT', size],
    height: ['INT', size],
    batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
    color: ['INT', { default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' }],
  }),
  output: ['IMAGE'],
  run({ width, height, batch_size, color }: { width: number; height: number; batch_size: number; color: number }) {
    checkSize(width * batch_size, height, 'The batch');
    const channels = [(color >> 16) & 0xff, (color >> 8) & 0xff, color & 0xff].map((value) => value / 255);
    return { outputs: [mapValues(createImage(batch_size, height, width, 3), (_, index) => channels[index % 3]!)] };
  },
};

export const getImageSize: NodeClass = {
  name: 'GetImageSize',
  displayName: 'Get Image Size',
  category: 'image',
  description: 'Returns width and height of the image, and passes it through unchanged.',
  pythonModule: 'comfy_extras.nodes_images',
  input: () => ({ image: ['IMAGE'] }),
  hidden: { unique_id: 'UNIQUE_ID' },
  output: ['INT', 'INT', 'INT'],
  outputNames: ['width', 'height', 'batch_size'],
  run: ({ image }: { image: ImageBatch }) => ({ outputs: [image.width, image.height, image.batch] }),
};

export const imageInvert: NodeClass = {
  name: 'ImageInvert',
  displayName: 'Invert Image',
  category: 'image',
  pythonModule: 'nodes',
  input: () => ({ image: ['IMAGE'] }),
  output: ['IMAGE'],
  run: ({ image }: { image: ImageBatch }) => ({ outputs: [mapValues(image, (value) => 1 - value)] }),
};

export const imageCrop: NodeClass = {
  name: 'ImageCrop',
  displayName: 'Image Crop',
  category: 'image/transform',
  pythonModule: 'comfy_extras.nodes_images',
  input: () => ({
    image: ['IMAGE'],
    width: ['INT', size],
    height: ['INT', size],
    x: ['INT', { ...size, default: 0, min: 0 }],
    y: ['INT', { ...size, default: 0, min: 0 }],
  }),
  output: ['IMAGE'],
  run({ image, ...box }: { image: ImageBatch; width: number; height: number; x: number; y: number }) {
    const x = Math.min(box.x, image.width - 1);
    const y = Math.min(box.y, image.height - 1);
    const [width, height] = [Math.min(box.width, image.width - x), Math.min(box.height, image.height - y)];
    return { outputs: [cropImage(image, x, y, width, height)] };
  },
};

export const imageBatch: NodeClass = {
  name: 'ImageBatch',
  displayName: 'Batch Images',
  category: 'image',
  pythonModule: 'nodes',
  input: () => ({ image1: ['IMAGE'], image2: ['IMAGE'] }),
  output: ['IMAGE'],
  run({ image1, image2 }: { image1: ImageBatch; image2: ImageBatch }) {
    const channels = Math.max(image1.channels, image2.channels);
    const second = resizeImage(image2, image1.width, image1.height, 'bilinear', 'center');
    return { outputs: [concatBatches([withChannels(image1, channels), withChannels(second, channels)])] };
  },
};

export const joinImageWithAlpha: NodeClass = {
  name: 'JoinImageWithAlpha',
  displayName: 'Join Image with Alpha',
  category: 'mask/compositing',
  pythonModule: 'comfy_extras.nodes_compositing',
  isV3: true,
  input: () => ({ image: ['IMAGE', {}], alpha: ['MASK', {}] }),
  output: ['IMAGE'],
  run({ image, alpha }: { image: ImageBatch; alpha: MaskBatch }) {
    const mask = resample({ ...alpha, channels: 1 }, image.width, image.height, 'bilinear');
    const joined = withChannels(withChannels(image, 3), 4);
    const pixels = image.width * image.height;
    for (let pixel = 0; pixel < pixels * image.batch; pixel++)
      joined.data[pixel * 4 + 3] = 1 - mask.data[pixel % (pixels * alpha.batch)]!;
    return { outputs: [joined] };
  },
};
