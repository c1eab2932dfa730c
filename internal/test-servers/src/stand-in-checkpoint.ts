// Checkpoints that a real ComfyUI loads and runs, without a download: Stable Diffusion 1.5 with fewer layers and random weights.
import { closeSync, openSync, writeSync } from 'node:fs';
import { createRandom } from './random.ts';

/** Weights of a network: name and shape. */
type Tensors = Iterable<readonly [name: string, shape: readonly number[]]>;

/** Of the text that a prompt is encoded to, and of the time of a step. */
const CONTEXT = 768;
const TIME = 1280;
/** Channels of the first level: ComfyUI knows Stable Diffusion 1.5 by them and by {@link CONTEXT}. */
const CHANNELS = 320;
const LATENT = 4;
const TOKENS = 49_408;
const TEXT_LAYERS = 12;

const BYTES_EACH = 2;
/** Weights are repeated after so many: what they are does not matter, and random numbers take time. */
const CHUNK = 1 << 20;
const SPREAD = 0.02;

/**
 * Writes a checkpoint as `safetensors`. Pictures from it are noise.
 *
 * @param widths - channels of each level of its U-Net, as multiples of 320. `[1, 2]` makes 0.7 GB, and the real `[1, 2, 4, 4]` 1.8 GB
 * @param seed - other numbers make other weights
 */
export function writeStandInCheckpoint(path: string, widths: readonly number[], seed: number): void {
  const header: Record<string, object> = {};
  let end = 0;
  for (const [name, shape] of checkpoint(widths)) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, BYTES_EACH);
    header[name] = { dtype: 'F16', shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  // weights begin at a multiple of 8
  const json = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([length, json]));
  const chunk = randomWeights(seed);
  for (let left = end; left > 0; left -= chunk.length) writeSync(file, chunk.subarray(0, left));
  closeSync(file);
}

function randomWeights(seed: number): Buffer {
  const random = createRandom(seed);
  const weights = Float16Array.from({ length: CHUNK }, () => (random() - 0.5) * 2 * SPREAD);
  return Buffer.from(weights.buffer);
}

function* checkpoint(widths: readonly number[]): Tensors {
  yield* within('model.diffusion_model', unet(widths.map((width) => width * CHANNELS)));
  yield* within('first_stage_model', autoencoder());
  yield* within('cond_stage_model.transformer.text_model', textEncoder());
}

function* within(prefix: string, tensors: Tensors): Tensors {
  for (const [name, shape] of tensors) yield [`${prefix}.${name}`, shape];
}

/** A weight and its bias. */
function* layer(name: string, ...shape: number[]): Tensors {
  yield [`${name}.weight`, shape];
  yield [`${name}.bias`, [shape[0]!]];
}

const conv = (name: string, from: number, to: number, size = 3) => layer(name, to, from, size, size);

/** Predicts noise. One block a level, each with attention. */
function* unet(levels: readonly number[]): Tensors {
  yield* layer('time_embed.0', TIME, CHANNELS);
  yield* layer('time_embed.2', TIME, TIME);
  yield* conv('input_blocks.0.0', LATENT, CHANNELS);
  /** Channels of what each input block hands to its output block. */
  const handed = [CHANNELS];
  let count = 1;
  let channels = CHANNELS;
  for (const [index, width] of levels.entries()) {
    yield* block(`input_blocks.${count++}`, channels, width);
    handed.push(width);
    channels = width;
    if (index === levels.length - 1) continue;
    yield* conv(`input_blocks.${count++}.0.op`, channels, channels);
    handed.push(channels);
  }
  yield* block('middle_block', channels, channels);
  yield* timed('middle_block.2', channels, channels);
  count = 0;
  for (const [index, width] of [...levels.entries()].reverse())
    for (const isLast of [false, true]) {
      yield* block(`output_blocks.${count}`, channels + handed.pop()!, width);
      if (isLast && index > 0) yield* conv(`output_blocks.${count}.2.conv`, width, width);
      channels = width;
      count++;
    }
  yield* layer('out.0', channels);
  yield* conv('out.2', channels, LATENT);
}

function* block(name: string, from: number, to: number): Tensors {
  yield* timed(`${name}.0`, from, to);
  yield* attentive(`${name}.1`, to);
}

/** A block that is told the time of the step. */
function* timed(name: string, from: number, to: number): Tensors {
  yield* layer(`${name}.in_layers.0`, from);
  yield* conv(`${name}.in_layers.2`, from, to);
  yield* layer(`${name}.emb_layers.1`, to, TIME);
  yield* layer(`${name}.out_layers.0`, to);
  yield* conv(`${name}.out_layers.3`, to, to);
  if (from !== to) yield* conv(`${name}.skip_connection`, from, to, 1);
}

/** A block that looks at itself and at the prompt. */
function* attentive(name: string, channels: number): Tensors {
  yield* layer(`${name}.norm`, channels);
  yield* conv(`${name}.proj_in`, channels, channels, 1);
  const inner = `${name}.transformer_blocks.0`;
  for (const [attention, context] of [
    ['attn1', channels],
    ['attn2', CONTEXT],
  ] as const) {
    yield [`${inner}.${attention}.to_q.weight`, [channels, channels]];
    yield [`${inner}.${attention}.to_k.weight`, [channels, context]];
    yield [`${inner}.${attention}.to_v.weight`, [channels, context]];
    yield* layer(`${inner}.${attention}.to_out.0`, channels, channels);
  }
  yield* layer(`${inner}.ff.net.0.proj`, 8 * channels, channels);
  yield* layer(`${inner}.ff.net.2`, channels, 4 * channels);
  for (const norm of ['norm1', 'norm2', 'norm3']) yield* layer(`${inner}.${norm}`, channels);
  yield* conv(`${name}.proj_out`, channels, channels, 1);
}

/** Pictures to latents and back: as large as the real one, since ComfyUI knows no other. */
function* autoencoder(): Tensors {
  const levels = [128, 256, 512, 512];
  const deepest = levels.at(-1)!;
  yield* conv('encoder.conv_in', 3, levels[0]!);
  let channels = levels[0]!;
  for (const [index, width] of levels.entries()) {
    for (const number of [0, 1]) {
      yield* plain(`encoder.down.${index}.block.${number}`, channels, width);
      channels = width;
    }
    if (index < levels.length - 1) yield* conv(`encoder.down.${index}.downsample.conv`, width, width);
  }
  yield* middle('encoder', deepest);
  yield* layer('encoder.norm_out', deepest);
  yield* conv('encoder.conv_out', deepest, 2 * LATENT);
  yield* conv('quant_conv', 2 * LATENT, 2 * LATENT, 1);
  yield* conv('post_quant_conv', LATENT, LATENT, 1);
  yield* conv('decoder.conv_in', LATENT, deepest);
  yield* middle('decoder', deepest);
  for (const [index, width] of [...levels.entries()].reverse()) {
    for (const number of [0, 1, 2]) {
      yield* plain(`decoder.up.${index}.block.${number}`, channels, width);
      channels = width;
    }
    if (index > 0) yield* conv(`decoder.up.${index}.upsample.conv`, width, width);
  }
  yield* layer('decoder.norm_out', channels);
  yield* conv('decoder.conv_out', channels, 3);
}

function* middle(name: string, channels: number): Tensors {
  yield* plain(`${name}.mid.block_1`, channels, channels);
  yield* layer(`${name}.mid.attn_1.norm`, channels);
  for (const part of ['q', 'k', 'v', 'proj_out']) yield* conv(`${name}.mid.attn_1.${part}`, channels, channels, 1);
  yield* plain(`${name}.mid.block_2`, channels, channels);
}

function* plain(name: string, from: number, to: number): Tensors {
  yield* layer(`${name}.norm1`, from);
  yield* conv(`${name}.conv1`, from, to);
  yield* layer(`${name}.norm2`, to);
  yield* conv(`${name}.conv2`, to, to);
  if (from !== to) yield* conv(`${name}.nin_shortcut`, from, to, 1);
}

/** CLIP ViT-L: as large as the real one. */
function* textEncoder(): Tensors {
  yield ['embeddings.token_embedding.weight', [TOKENS, CONTEXT]];
  yield ['embeddings.position_embedding.weight', [77, CONTEXT]];
  for (let number = 0; number < TEXT_LAYERS; number++) {
    const name = `encoder.layers.${number}`;
    for (const part of ['q', 'k', 'v', 'out']) yield* layer(`${name}.self_attn.${part}_proj`, CONTEXT, CONTEXT);
    yield* layer(`${name}.mlp.fc1`, 4 * CONTEXT, CONTEXT);
    yield* layer(`${name}.mlp.fc2`, CONTEXT, 4 * CONTEXT);
    for (const norm of ['layer_norm1', 'layer_norm2']) yield* layer(`${name}.${norm}`, CONTEXT);
  }
  yield* layer('final_layer_norm', CONTEXT);
}
