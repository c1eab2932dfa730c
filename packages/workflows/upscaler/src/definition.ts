import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import graph from './upscaler.api.json' with { type: 'json' };
import { upscalerParametersSchema } from './upscaler-parameters.ts';

/**
 * What the network needs to run an upscale. `JoinImageWithAlpha` puts the transparency of the original back, which
 * ComfyUI's LoadImage splits off as a mask.
 */
export const definition: WorkflowDefinition = defineWorkflow({
  workflow_id: 'upscaler',
  task_type: 'upscaler',
  title: 'Upscale a picture four times',
  parameters: upscalerParametersSchema,
  graph: graph as unknown as WorkflowDefinition['graph'],
  bindings: { image: { node: 'image', input: 'image' } },
  files: { image: { kind: 'image', max_bytes: 50_000_000 } },
  outputs: ['save'],
  requirements: {
    nodes: ['LoadImage', 'UpscaleModelLoader', 'ImageUpscaleWithModel', 'JoinImageWithAlpha', 'SaveImage'],
    models: [
      {
        folder: 'upscale_models',
        filename: 'RealESRGAN_x4plus.pth',
        url: 'https://github.com/xinntao/Real-ESRGAN/releases/download/v0.1.0/RealESRGAN_x4plus.pth',
        sha256: '4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1',
        bytes: 67_040_989,
        alternatives: ['4x-esrgan-thick.onnx', '4x-animevideov3.onnx'],
      },
    ],
  },
});
