import type { ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { readCurrentObjectInfo, readObjectInfo } from '@heurist/test-servers/recordings';
import { describe, expect, test } from 'vitest';
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

describe('a graph for ComfyUI 0.33', () => {
  const current = readCurrentObjectInfo<ObjectInfo>();
  const found = (node: Graph[string], from = current) =>
    checkGraph({ image, node, save: save('node') }, from).map(
      ({ level, type, message }) => type ?? `${level}: ${message}`,
    );
  const resize = (inputs: object) => ({
    class_type: 'ResizeImageMaskNode',
    inputs: { scale_method: 'area', ...inputs },
  });
  const batch = (inputs: object) => ({ class_type: 'BatchImagesNode', inputs: { ...inputs } });

  test.each<[what: string, node: Graph[string], found: string[]]>([
    [
      'a switch gives what it gets',
      { class_type: 'ComfySwitchNode', inputs: { switch: true, on_true: ['image', 0], on_false: ['image', 0] } },
      [],
    ],
    [
      'a choice brings its inputs',
      resize({
        input: ['image', 0],
        resize_type: 'scale dimensions',
        'resize_type.width': 32,
        'resize_type.height': 32,
        'resize_type.crop': 'center',
      }),
      [],
    ],
    [
      'which must be there, and in range',
      resize({
        input: ['image', 0],
        resize_type: 'scale dimensions',
        'resize_type.width': -5,
        'resize_type.crop': 'x',
      }),
      ['value_smaller_than_min', 'required_input_missing', 'value_not_in_list'],
    ],
    [
      'those of another choice are ignored',
      resize({
        input: ['image', 0],
        resize_type: 'scale by multiplier',
        'resize_type.multiplier': 2,
        'resize_type.width': 8,
      }),
      ['warning: The node has no input "resize_type.width", which is ignored.'],
    ],
    ['a row of inputs', batch({ 'images.image0': ['image', 0], 'images.image1': ['image', 0] }), []],
    ['of which the first ones must be there', batch({ 'images.image1': ['image', 0] }), ['required_input_missing']],
    ['and fit', batch({ 'images.image0': ['image', 5] }), ['exception_during_inner_validation']],
  ])('%s', (_, node, expected) => {
    expect(found(node)).toEqual(expected);
  });

  test('an unknown choice of a dynamic combo is for the run to refuse, as on the server', () => {
    const wrong = {
      class_type: 'SaveImageAdvanced',
      inputs: { images: ['image', 0], filename_prefix: 'o', format: 'avif' },
    };
    expect(checkGraph({ image, wrong }, current)).toMatchObject([
      { level: 'warning', node: 'wrong', message: expect.stringContaining('"format" is none of its choices') },
    ]);
  });

  test('what nodes of packs take besides their list is not said to be ignored', () => {
    const pack = { input: { required: {}, optional: {} }, output: ['IMAGE'], output_node: false };
    const info = { ...current, Loras: { ...pack, python_module: 'custom_nodes.loras' } };
    expect(found({ class_type: 'Loras', inputs: { lora_1: { on: true }, 'any 2': 3 } }, info)).toEqual([]);
    const own = { ...current, Loras: { ...pack, python_module: 'comfy_extras.nodes_loras' } };
    expect(found({ class_type: 'Loras', inputs: { lora_1: 1 } }, own)).toEqual([expect.stringContaining('"lora_1"')]);
  });

  test('an input file must be there', () => {
    const load = { class_type: 'LoadImage', inputs: { image: 'cat.png' } };
    const types = (hasInputFile?: () => boolean) =>
      checkGraph({ load, save: save('load') }, current, [], hasInputFile).map(({ type }) => type);
    expect(types(() => false)).toEqual(['custom_validation_failed']);
    expect(types(() => true)).toEqual([]);
    expect(types()).toEqual([]);
  });
});
