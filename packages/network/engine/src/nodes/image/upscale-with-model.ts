import { checkSize, concatBatches, type ImageBatch, pictures } from '../../images/image.ts';
import { planTiles, upscalePicture } from '../../images/upscale.ts';
import type { UpscaleModel } from '../loaders/upscale-model-loader.ts';
import type { NodeClass } from '../node-class.ts';

/** Every network that the engine runs enlarges four times; a picture is refused before hours are spent on it. */
const LARGEST_SCALE = 4;

export const imageUpscaleWithModel: NodeClass = {
  name: 'ImageUpscaleWithModel',
  displayName: 'Upscale Image (using Model)',
  category: 'image/upscaling',
  pythonModule: 'comfy_extras.nodes_upscale_model',
  isV3: true,
  input: () => ({ upscale_model: ['UPSCALE_MODEL', {}], image: ['IMAGE', {}] }),
  output: ['IMAGE'],
  async run({ upscale_model, image }: { upscale_model: UpscaleModel; image: ImageBatch }, context) {
    checkSize(image.width * LARGEST_SCALE, image.height * LARGEST_SCALE, 'The upscaled picture');
    const tiles = planTiles(image.width, image.height);
    const total = tiles.length * image.batch;
    const results: ImageBatch[] = [];
    for (const picture of pictures(image))
      results.push(
        await upscalePicture(
          picture,
          tiles,
          async (planes) => (await context.inference.run(upscale_model.path, [planes]))[0]!,
          (done, soFar) => context.progress(results.length * tiles.length + done, total, () => soFar),
        ),
      );
    return { outputs: [concatBatches(results)] };
  },
};
