import {
  emptyImage,
  getImageSize,
  imageBatch,
  imageCrop,
  imageInvert,
  joinImageWithAlpha,
} from './image/image-basics.ts';
import { imageBlend, imageBlur } from './image/image-effects.ts';
import { imageScale, imageScaleBy } from './image/image-scale.ts';
import { imageUpscaleWithModel } from './image/upscale-with-model.ts';
import { emptyLatentImage, latentUpscale, repeatLatentBatch, setLatentNoiseMask } from './latent/latents.ts';
import { inpaintModelConditioning, vaeDecode, vaeEncode, vaeEncodeForInpaint } from './latent/vae.ts';
import { checkpointLoaderSimple } from './loaders/checkpoint-loader.ts';
import { loadImage } from './loaders/load-image.ts';
import { upscaleModelLoader } from './loaders/upscale-model-loader.ts';
import { imageToMask, invertMask, loadImageMask, maskToImage } from './mask/masks.ts';
import type { NodeClass } from './node-class.ts';
import { clipTextEncode, conditioningCombine } from './sampling/conditioning.ts';
import { kSampler, kSamplerAdvanced } from './sampling/k-sampler.ts';
import { saveAnimatedWebp } from './savers/save-animated-webp.ts';
import { previewImage, saveImage } from './savers/save-image.ts';

/** Every node class that the engine runs, by name. */
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
