/** Image models of `heurist@0.0.43` and their like -> the graph that is nearest to them. Names are compared without case. */
export const imageModels: Readonly<Record<string, string>> = {
  sdxl: 'sdxl',
  sd15: 'sd15',
  'flux-dev': 'flux-dev',
  'qwen-image': 'qwen-image',
  tiny: 'tiny',
  'FLUX.1-dev': 'flux-dev',
  'FLUX.1-schnell': 'flux-dev',
  BrainDance: 'sd15',
  BlazingDrive: 'sd15',
  HelloWorld: 'sd15',
  ArthemyComics: 'sd15',
  ArthemyReal: 'sd15',
  BluePencilRealistic: 'sd15',
  CyberRealisticXL: 'sdxl',
  AnimagineXL: 'sdxl',
  AAMXLAnimeMix: 'sdxl',
  DreamShaperXL: 'sdxl',
  SDXL: 'sdxl',
  SDXLUnstableDiffusersV11: 'sdxl',
};

/**
 * The graph of a model.
 *
 * @param own - names of the caller, which come first
 * @returns `undefined` for a name that is not known
 */
export function workflowOf(model: string, own: Readonly<Record<string, string>> = {}): string | undefined {
  for (const models of [own, imageModels]) {
    const found = Object.keys(models).find((name) => name.toLowerCase() === model.toLowerCase());
    if (found) return models[found];
  }
  return undefined;
}
