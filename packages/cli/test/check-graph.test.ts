import type { ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { expect, test } from 'vitest';
import { checkGraph } from '../src/authoring/check-graph.ts';
import { workflows } from '../src/workflows/workflows.ts';

const info = readObjectInfo<ObjectInfo>();
const known = workflows.flatMap(({ requirements }) => requirements.models);
const image = { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } };
const save = (from: string) => ({ class_type: 'SaveImage', inputs: { images: [from, 0], filename_prefix: 'x' } });
const messages = (graph: Graph) =>
  checkGraph(graph, info, known).map(({ level, node, message }) => `${level} ${node}: ${message}`);

test('a graph that runs has nothing to say', () => {
  expect(messages({ image, save: save('image') })).toEqual([]);
});

test('every missing class is named, not only the first', () => {
  const graph = {
    a: { class_type: 'VHS_VideoCombine', inputs: {} },
    b: { class_type: 'easy cleanGpuUsed', inputs: {} },
  };
  expect(messages(graph)).toEqual([
    expect.stringMatching(/^error a: .*does not have this node class/),
    expect.stringMatching(/^error b: .*does not have this node class/),
  ]);
});

test('a missing model says where to get it', () => {
  const [sdxl] = workflows.filter(({ workflow_id }) => workflow_id === 'sdxl');
  expect(messages(sdxl!.graph)).toEqual([
    'error ckpt: Model file models/checkpoints/sd_xl_base_1.0.safetensors is missing. Download it from ' +
      'https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors.',
  ]);
});

test('inputs that are wrong, missing, ignored or deprecated', () => {
  const graph: Graph = {
    image: { class_type: 'EmptyImage', inputs: { ...image.inputs, width: 0 } },
    scale: { class_type: 'ImageScaleBy', inputs: { image: ['image', 0], upscale_method: 'best', mood: 'happy' } },
    save: save('scale'),
    old: { class_type: 'ControlNetApply', inputs: {} },
  };
  expect(messages(graph)).toEqual([
    expect.stringContaining('value_smaller_than_min'),
    expect.stringMatching(/value_not_in_list|required_input_missing/),
    expect.stringMatching(/value_not_in_list|required_input_missing/),
    expect.stringContaining('warning scale: The node has no input "mood"'),
    expect.stringContaining('warning old: The node is deprecated'),
  ]);
});

test('nodes of packs may take inputs that their lists do not name', () => {
  const loras = { ...info.SaveImage!, input: { required: {}, optional: {} }, python_module: 'custom_nodes.packs' };
  const graph: Graph = { '1': { class_type: 'Power Loras', inputs: { lora_1: { on: true, lora: 'x', strength: 1 } } } };
  expect(checkGraph(graph, { ...info, 'Power Loras': loras })).toEqual([]);
});

test('a graph that saves nothing says so', () => {
  expect(messages({ image })).toEqual([expect.stringContaining('prompt_no_outputs')]);
});
