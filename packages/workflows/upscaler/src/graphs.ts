import { defineWorkflow, modelFile, wireSchema } from '@heurist/core/definition';
import graph from './graphs/upscaler.api.json' with { type: 'json' };
import { upscalerOptions } from './options.ts';

const RELEASES = 'https://github.com/xinntao/Real-ESRGAN/releases/download';
const x4 = {
  ...modelFile('upscale_models', `${RELEASES}/v0.1.0/RealESRGAN_x4plus.pth`, 67_040_989),
  sha256: '4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1',
  alternatives: ['4x-esrgan-thick.onnx', '4x-animevideov3.onnx'],
};
const x2 = {
  ...modelFile('upscale_models', `${RELEASES}/v0.2.1/RealESRGAN_x2plus.pth`, 67_061_725),
  sha256: '49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb',
  alternatives: [x4.filename, ...x4.alternatives],
};

/**
 * What the network needs to run an upscale. Whatever the factor of the network that a server has, `fit` brings the
 * picture to the size asked for: averaging a larger one, leaving alone one that fits. `JoinImageWithAlpha` puts the
 * transparency of the original back, which ComfyUI's LoadImage splits off as a mask.
 */
export const definitions = [
  defineWorkflow({
    workflow_id: 'upscaler',
    task_type: 'upscaler',
    title: 'Upscale a picture two or four times',
    parameters: wireSchema(upscalerOptions),
    graph,
    bindings: {
      image: 'image.image',
      scale: ['wanted.scale_by', { node: 'model', input: 'model_name', values: { 2: x2.filename, 4: x4.filename } }],
    },
    constants: ['wanted.upscale_method', 'fit.upscale_method,crop'],
    files: { image: { kind: 'image', max_bytes: 50_000_000 } },
    outputs: ['save'],
    requirements: { models: [x4, x2] },
  }),
];
