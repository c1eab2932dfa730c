import { checkSize, type ImageBatch } from '../../images/image.ts';
import { RESAMPLE_METHODS, type ResampleMethod, resizeImage } from '../../images/resample.ts';
import type { NodeClass } from '../node-class.ts';

const edge = { default: 512, min: 0, max: 16384, step: 1 };

export const imageScale: NodeClass = {
  name: 'ImageScale',
  displayName: 'Upscale Image',
  category: 'image/upscaling',
  pythonModule: 'nodes',
  input: () => ({
    image: ['IMAGE'],
    upscale_method: [RESAMPLE_METHODS],
    width: ['INT', edge],
    height: ['INT', edge],
    crop: [['disabled', 'center']],
  }),
  output: ['IMAGE'],
  run({ image, upscale_method, width, height, crop }: ScaleInputs) {
    // 0 means: keep the proportions; both 0: keep the picture
    const newWidth = width || Math.max(1, Math.round((image.width * height) / image.height)) || image.width;
    const newHeight = height || Math.max(1, Math.round((image.height * width) / image.width)) || image.height;
    if (!width && !height) return { outputs: [image] };
    checkSize(newWidth * image.batch, newHeight, 'The scaled picture');
    return { outputs: [resizeImage(image, newWidth, newHeight, upscale_method, crop)] };
  },
};

interface ScaleInputs {
  image: ImageBatch;
  upscale_method: ResampleMethod;
  width: number;
  height: number;
  crop: 'disabled' | 'center';
}

export const imageScaleBy: NodeClass = {
  name: 'ImageScaleBy',
  displayName: 'Upscale Image By',
  category: 'image/upscaling',
  pythonModule: 'nodes',
  input: () => ({
    image: ['IMAGE'],
    upscale_method: [RESAMPLE_METHODS],
    scale_by: ['FLOAT', { default: 1.0, min: 0.01, max: 8.0, step: 0.01 }],
  }),
  output: ['IMAGE'],
  run({ image, upscale_method, scale_by }: Pick<ScaleInputs, 'image' | 'upscale_method'> & { scale_by: number }) {
    const width = Math.max(1, Math.round(image.width * scale_by));
    const height = Math.max(1, Math.round(image.height * scale_by));
    checkSize(width * image.batch, height, 'The scaled picture');
    return { outputs: [resizeImage(image, width, height, upscale_method, 'disabled')] };
  },
};
