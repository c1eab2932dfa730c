import { modelFile } from '@heurist/core/definition';

const RELEASES = 'https://github.com/xinntao/Real-ESRGAN/releases/download';

/** Real-ESRGAN with scale factor 4. */
export const x4 = {
  ...modelFile('upscale_models', `${RELEASES}/v0.1.0/RealESRGAN_x4plus.pth`, 67_040_989),
  sha256: '4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1',
  alternatives: ['4x-esrgan-thick.onnx', '4x-animevideov3.onnx'],
};

/** Real-ESRGAN with scale factor 2. */
export const x2 = {
  ...modelFile('upscale_models', `${RELEASES}/v0.2.1/RealESRGAN_x2plus.pth`, 67_061_725),
  sha256: '49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb',
  alternatives: [x4.filename, ...x4.alternatives],
};
