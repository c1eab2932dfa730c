import { createImage, type ImageBatch, type MaskBatch, mapValues } from '../../images/image.ts';
import { readPicture } from '../../images/picture-file.ts';
import { inputFingerprint } from '../loaders/load-image.ts';
import type { NodeClass } from '../node-class.ts';

const CHANNELS = ['red', 'green', 'blue', 'alpha'] as const;
type Channel = (typeof CHANNELS)[number];

/** One channel of pictures. */
function channelOf(image: ImageBatch, channel: Channel): MaskBatch {
  const index = CHANNELS.indexOf(channel);
  if (index >= image.channels) throw new Error('The picture has no alpha channel. Choose red, green or blue.');
  const mask = createImage(image.batch, image.height, image.width, 1);
  return mapValues(mask, (_, pixel) => image.data[pixel * image.channels + index]!);
}

export const loadImageMask: NodeClass = {
  name: 'LoadImageMask',
  displayName: 'Load Image (as Mask)',
  category: 'mask',
  pythonModule: 'nodes',
  input: ({ files }) => ({
    image: [files.listInputs(), { image_upload: true }],
    channel: [['alpha', 'red', 'green', 'blue']],
  }),
  output: ['MASK'],
  fingerprint: inputFingerprint,
  async run({ image, channel }: { image: string; channel: Channel }, { files }) {
    const picture = await readPicture(files.locateInput(image), image);
    if (channel !== 'alpha') return { outputs: [channelOf(picture.image, channel)] };
    // like LoadImage's mask, but as large as the picture where there is no alpha
    const { width, height } = picture.image;
    const isWhole = picture.mask.width === width && picture.mask.height === height;
    return { outputs: [isWhole ? picture.mask : createImage(1, height, width, 1)] };
  },
};

export const imageToMask: NodeClass = {
  name: 'ImageToMask',
  displayName: 'Convert Image to Mask',
  category: 'mask',
  pythonModule: 'comfy_extras.nodes_mask',
  input: () => ({ image: ['IMAGE'], channel: [[...CHANNELS]] }),
  output: ['MASK'],
  run: ({ image, channel }: { image: ImageBatch; channel: Channel }) => ({ outputs: [channelOf(image, channel)] }),
};

export const maskToImage: NodeClass = {
  name: 'MaskToImage',
  displayName: 'Convert Mask to Image',
  category: 'mask',
  pythonModule: 'comfy_extras.nodes_mask',
  input: () => ({ mask: ['MASK'] }),
  output: ['IMAGE'],
  run({ mask }: { mask: MaskBatch }) {
    const grey = createImage(mask.batch, mask.height, mask.width, 3);
    return { outputs: [mapValues(grey, (_, index) => mask.data[Math.floor(index / 3)]!)] };
  },
};

export const invertMask: NodeClass = {
  name: 'InvertMask',
  displayName: 'InvertMask',
  category: 'mask',
  pythonModule: 'comfy_extras.nodes_mask',
  input: () => ({ mask: ['MASK'] }),
  output: ['MASK'],
  run: ({ mask }: { mask: MaskBatch }) => ({ outputs: [mapValues({ ...mask, channels: 1 }, (value) => 1 - value)] }),
};
