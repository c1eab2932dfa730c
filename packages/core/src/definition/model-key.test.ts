import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { MODEL_KEY_CHARACTERS } from '../wire/fields.ts';
import { hasFixedModels, modelKeyOf } from './model-key.ts';
import { rawWorkflow } from './raw-workflow.ts';
import { defineWorkflow, type Graph } from './workflow-definition.ts';

const loader = (ckpt_name: string, class_type = 'CheckpointLoaderSimple') => ({ class_type, inputs: { ckpt_name } });
const keyOfRaw = (graph: Graph) => modelKeyOf(rawWorkflow, { graph });

/** A workflow whose callers may choose the checkpoint and the LoRA. */
const chosen = defineWorkflow({
  workflow_id: 'chosen',
  task_type: 'txt2img',
  title: 'Chosen',
  parameters: z.strictObject({ model: z.optional(z.string()), lora: z.optional(z.string()) }),
  graph: {
    model: loader('base.safetensors'),
    lora: { class_type: 'LoraLoader', inputs: { lora_name: 'cat.safetensors', model: ['model', 0] } },
    save: { class_type: 'SaveImage', inputs: {} },
  },
  bindings: { model: { node: 'model', input: 'ckpt_name', suffix: '.safetensors' }, lora: 'lora.lora_name' },
  outputs: ['save'],
});

test('names the files of all loaders, sorted, each once', () => {
  const graph = {
    vae: { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
    unet: { class_type: 'UNETLoader', inputs: { unet_name: 'flux.safetensors', weight_dtype: 'fp8_e4m3fn' } },
    clip: {
      class_type: 'DualCLIPLoader',
      inputs: { clip_name1: 't5.safetensors', clip_name2: 'clip.safetensors', type: 'flux' },
    },
    again: { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
  };
  expect(keyOfRaw(graph)).toBe('ae.safetensors+clip.safetensors+flux.safetensors+t5.safetensors');
  expect(keyOfRaw(Object.fromEntries(Object.entries(graph).toReversed()))).toBe(keyOfRaw(graph));
});

test('knows loaders of other packs by the ending of the file, and leaves out LoRAs, pictures and links', () => {
  expect(
    keyOfRaw({
      gguf: { class_type: 'UnetLoaderGGUF', inputs: { file: 'flux-q4.gguf' } },
      lora: { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'cat.safetensors' } },
      image: { class_type: 'LoadImage', inputs: { image: 'https://example.com/a.png' } },
      linked: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: ['gguf', 0] } },
      sampler: { class_type: 'KSampler', inputs: { sampler_name: 'euler' } },
    }),
  ).toBe('flux-q4.gguf');
  expect(keyOfRaw({ image: { class_type: 'LoadImage', inputs: { image: 'a.png' } } })).toBe('');
});

test('follows parameters that choose a model, and not those that choose a LoRA', () => {
  expect(hasFixedModels(chosen)).toBe(false);
  expect(modelKeyOf(chosen)).toBe('base.safetensors');
  expect(modelKeyOf(chosen, { model: undefined, lora: 'dog.safetensors' })).toBe('base.safetensors');
  expect(modelKeyOf(chosen, { model: 'other' })).toBe('other.safetensors');
  expect(hasFixedModels({ ...chosen, bindings: { lora: chosen.bindings.lora! } })).toBe(true);
  expect(hasFixedModels(rawWorkflow)).toBe(false);
});

test('cuts long keys, and tells them apart by a hash of the whole', () => {
  const long = (end: string) => keyOfRaw({ a: loader(`${'x'.repeat(200)}${end}`) });
  expect(long('1')).toMatch(/^x{83}~[0-9a-f]{16}$/);
  expect(long('1')).toHaveLength(MODEL_KEY_CHARACTERS);
  expect(long('1')).not.toBe(long('2'));
  expect(keyOfRaw({ a: loader('x'.repeat(100)) })).toBe('x'.repeat(100));
});

test('what strangers write in it is printable', () => {
  expect(keyOfRaw({ a: loader('\x1b[31mred\u202e\n.safetensors') })).toBe('red .safetensors');
});
