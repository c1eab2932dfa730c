import { modelFile } from '@heurist/core/definition';
import { t5xxl } from './flux.ts';

const LTXV = 'https://huggingface.co/Lightricks/LTX-Video/resolve/main/ltx-video-2b-v0.9.5.safetensors';

/** LTX-Video 2B. */
export const ltxVideo = [modelFile('checkpoints', LTXV, 6_340_000_000), t5xxl];
