import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Inference } from '../inference/inference.ts';
import type { Tensor } from '../inference/tensor.ts';
import { findWords, type Vocabulary } from './find-words.ts';

/** File in a checkpoint's folder that describes the networks beside it. */
export const MANIFEST = 'checkpoint.json';

const manifestSchema = z.object({
  /** The only format so far: a network that predicts the clean picture from a noisy one, with the noise of a rectified flow. */
  format: z.literal('rectified-flow-1'),
  /** Above 1, more steps are spent while the outline is decided. */
  shift: z.number().positive(),
  /** Numbers for each cell of 8x8 pixels. */
  channels: z.int().positive(),
  /** The one size of picture that it draws. */
  width: z.int().multipleOf(8),
  height: z.int().multipleOf(8),
  /** The longest prompt, in words. */
  words: z.int().positive(),
});
type Manifest = z.infer<typeof manifestSchema>;

const vocabularySchema = z.object({
  words: z.record(z.string(), z.int()),
  aliases: z.record(z.string(), z.string()),
});

/**
 * A diffusion model: ComfyUI's MODEL, CLIP and VAE in one. A folder with `checkpoint.json`, `vocabulary.json` and five
 * networks: `text.onnx` (word ids -> prompt), `denoiser.onnx` (latent, sigma, prompt -> clean latent), `encoder.onnx`
 * (RGB 0 to 1 -> latent), `decoder.onnx` (latent -> RGB) and `preview.onnx` (latent -> small RGB).
 */
export interface Checkpoint extends Manifest {
  name: string;
  folder: string;
  vocabulary: Vocabulary;
}

/** The networks of a checkpoint. */
const NETWORKS = ['text', 'denoiser', 'encoder', 'decoder', 'preview'] as const;
export type Network = (typeof NETWORKS)[number];

/**
 * Reads a checkpoint's folder and loads its networks.
 *
 * @throws if a file is missing or malformed
 */
export async function loadCheckpoint(folder: string, inference: Inference): Promise<Checkpoint> {
  const manifest = manifestSchema.parse(await readJson(folder, MANIFEST));
  const vocabulary = await readVocabulary(folder);
  await Promise.all(NETWORKS.map((network) => inference.load(join(folder, `${network}.onnx`))));
  return { ...manifest, name: basename(folder), folder, vocabulary };
}

/** Reads the words that a checkpoint was trained on. */
export async function readVocabulary(folder: string): Promise<Vocabulary> {
  return vocabularySchema.parse(await readJson(folder, 'vocabulary.json'));
}

async function readJson(folder: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

/** Runs one of a checkpoint's networks. */
export async function runNetwork(
  { folder }: Checkpoint,
  network: Network,
  inputs: Tensor[],
  inference: Inference,
): Promise<Tensor> {
  const [output] = await inference.run(join(folder, `${network}.onnx`), inputs);
  if (!output) throw new Error(`${network}.onnx has no output.`);
  return output;
}

/** Encodes a prompt for the denoiser. Words that the model does not know are left out. */
export async function encodePrompt(checkpoint: Checkpoint, text: string, inference: Inference): Promise<Float32Array> {
  const { ids } = findWords(text, checkpoint.vocabulary);
  const padded = Int32Array.from({ length: checkpoint.words }, (_, index) => ids[index] ?? 0);
  const { data } = await runNetwork(checkpoint, 'text', [{ data: padded, dims: [1, padded.length] }], inference);
  return data as Float32Array;
}
