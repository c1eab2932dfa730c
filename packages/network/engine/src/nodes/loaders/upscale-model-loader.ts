import type { NodeClass } from '../node-class.ts';

/** What UpscaleModelLoader hands on. */
export interface UpscaleModel {
  name: string;
  path: string;
}

export const upscaleModelLoader: NodeClass = {
  name: 'UpscaleModelLoader',
  displayName: 'Load Upscale Model',
  category: 'loaders',
  pythonModule: 'comfy_extras.nodes_upscale_model',
  isV3: true,
  input: ({ models }) => ({
    model_name: ['COMBO', { multiselect: false, options: models.list('upscale_models') ?? [] }],
  }),
  output: ['UPSCALE_MODEL'],
  async run({ model_name }: { model_name: string }, { models, inference }) {
    const path = models.find('upscale_models', model_name);
    if (!path) throw new Error(`Model file "${model_name}" not found. Put it into models/upscale_models.`);
    await inference.load(path);
    return { outputs: [{ name: model_name, path } satisfies UpscaleModel] };
  },
};
