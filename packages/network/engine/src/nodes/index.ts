import type { NodeClass } from '../node-class.ts';
import { checkpointLoaderSimple } from './checkpoint-loader.ts';
import { clipTextEncode, conditioningCombine } from './conditioning.ts';
import { emptyImage, getImageSize, imageBatch, imageCrop, imageInvert, joinImageWithAlpha } from './image-basics.ts';
import { imageBlend, imageBlur } from './image-effects.ts';
import { imageScale, imageScaleBy } from './image-scale.ts';
import { kSampler, kSamplerAdvanced } from './k-sampler.ts';
import { emptyLatentImage, latentUpscale, repeatLatentBatch, setLatentNoiseMask } from './latents.ts';
import { loadImage } from './load-image.ts';
import { imageToMask, invertMask, loadImageMask, maskToImage } from './masks.ts';
import { saveAnimatedWebp } from './save-animated-webp.ts';
import { previewImage, saveImage } from './save-image.ts';
import { imageUpscaleWithModel, upscaleModelLoader } from './upscale.ts';
import { inpaintModelConditioning, vaeDecode, vaeEncode, vaeEncodeForInpaint } from './vae.ts';

/** Every node class that the engine truly runs, by name. */
export const nodeClasses: ReadonlyMap<string, NodeClass> = new Map(
  [
    loadImage,
    loadImageMask,
    imageToMask,
    maskToImage,
    invertMask,
    saveImage,
    previewImage,
    saveAnimatedWebp,
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
    checkpointLoaderSimple,
    clipTextEncode,
    conditioningCombine,
    emptyLatentImage,
    repeatLatentBatch,
    latentUpscale,
    setLatentNoiseMask,
    kSampler,
    kSamplerAdvanced,
    vaeEncode,
    vaeDecode,
    vaeEncodeForInpaint,
    inpaintModelConditioning,
  ].map((node) => [node.name, node]),
);
