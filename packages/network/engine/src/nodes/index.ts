import type { NodeClass } from '../node-class.ts';
import { emptyImage, getImageSize, imageBatch, imageCrop, imageInvert, joinImageWithAlpha } from './image-basics.ts';
import { imageBlend, imageBlur } from './image-effects.ts';
import { imageScale, imageScaleBy } from './image-scale.ts';
import { loadImage } from './load-image.ts';
import { previewImage, saveImage } from './save-image.ts';
import { imageUpscaleWithModel, upscaleModelLoader } from './upscale.ts';

/** Every node class that the engine truly runs, by name. */
export const nodeClasses: ReadonlyMap<string, NodeClass> = new Map(
  [
    loadImage,
    saveImage,
    previewImage,
    emptyImage,
    getImageSize,
    imageScale,
    imageScaleBy,
    imageInvert,
    imageCrop,
    imageBatch,
    imageBlur,
    imageBlend,
    joinImageWithAlpha,
    upscaleModelLoader,
    imageUpscaleWithModel,
  ].map((node) => [node.name, node]),
);
