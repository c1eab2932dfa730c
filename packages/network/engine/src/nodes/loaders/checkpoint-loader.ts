import { loadCheckpoint } from '../../diffusion/checkpoint.ts';
import type { NodeClass } from '../node-class.ts';

export const checkpointLoaderSimple: NodeClass = {
  name: 'CheckpointLoaderSimple',
  displayName: 'Load Checkpoint',
  category: 'loaders',
  description: 'Loads a diffusion model checkpoint, diffusion models are used to denoise latents.',
  pythonModule: 'nodes',
  input: ({ models }) => ({
    ckpt_name: [models.list('checkpoints') ?? [], { tooltip: 'The name of the checkpoint (model) to load.' }],
  }),
  output: ['MODEL', 'CLIP', 'VAE'],
  outputTooltips: [
    'The model used for denoising latents.',
    'The CLIP model used for encoding text prompts.',
    'The VAE model used for encoding and decoding images to and from latent space.',
  ],
  async run({ ckpt_name }: { ckpt_name: string }, { models, inference }) {
    const folder = models.find('checkpoints', ckpt_name);
    if (!folder) throw new Error(`Checkpoint "${ckpt_name}" not found. Put its folder into models/checkpoints.`);
    const checkpoint = await loadCheckpoint(folder, inference);
    return { outputs: [checkpoint, checkpoint, checkpoint] };
  },
};
