import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient, type ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { createEngine, type Engine } from '@heurist/engine';
import { readCurrentObjectInfo } from '@heurist/test-servers/recordings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRawGraph } from '../src/input/raw-graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'miner-'));
let engine: Engine;
let info: ObjectInfo;
beforeAll(async () => {
  engine = await createEngine({ dataDir: folder });
  info = await new ComfyClient({ url: engine.url }).objectInfo();
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const allowed = new Set(['LoadImage', 'ImageScale', 'SaveImage', 'EmptyImage']);
const load = (image: unknown): Graph => ({
  1: { class_type: 'LoadImage', inputs: { image } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: '../../etc/x' } },
});
const uploaded: string[] = [];
const rules: object[] = [];
const make = (graph: Graph) =>
  makeRawGraph(graph, info, allowed, async (address, rule) => {
    uploaded.push(address);
    rules.push(rule);
    return 'heurist-0123.png';
  });

test('files are fetched, and files that are saved get a name of ours', async () => {
  const graph = load('https://example.com/cat.png');
  expect(await make(graph)).toEqual({
    1: { class_type: 'LoadImage', inputs: { image: 'heurist-0123.png' } },
    2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'raw' } },
  });
  expect(uploaded).toEqual(['https://example.com/cat.png']);
  expect(rules).toEqual([{ kind: 'image', max_bytes: 50_000_000 }]);
  expect(graph[1]?.inputs.image).toBe('https://example.com/cat.png');
});

describe('what a graph may not do is refused by name', () => {
  const empty = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } };
  const save = { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } };
  test.each<[string, Graph, RegExp]>([
    [
      'a class that is not allowed',
      { 1: empty, 2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } } },
      /node 2 \(PreviewImage\)/,
    ],
    ['a class that nobody knows', { 1: { class_type: 'ExecPython', inputs: {} } }, /node 1 \(ExecPython\)/],
    ['a file of the server', load('/etc/passwd'), /image of node 1 must be an http\(s\) address/],
    ['a file of another task', load('paint_00001_.png [output]'), /image of node 1 must be an http\(s\) address/],
    ['an address inside something else', load('x https://example.com/cat.png'), /image of node 1/],
    ['a path upwards', load('../secret.png'), /image of node 1/],
    ['a list for a file', load({ __value__: ['x'] }), /image of node 1/],
    ['a link to nowhere', { 1: empty, 2: { ...save, inputs: { ...save.inputs, images: ['9', 0] } } }, /9/],
    [
      'a link to nowhere for the name of a file',
      { 1: empty, 2: { ...save, inputs: { ...save.inputs, filename_prefix: ['9', 0] } } },
      /'9'/,
    ],
    ['a size that is too large', { 1: { ...empty, inputs: { ...empty.inputs, width: 1e9 } }, 2: save }, /width/],
    ['nothing that is saved', { 1: empty }, /no outputs/i],
  ])('%s', async (_, graph, reason) => {
    await expect(make(graph)).rejects.toMatchObject({
      code: 'graph_refused',
      message: expect.stringMatching(reason),
    });
  });
});

describe('a ComfyUI 0.33', () => {
  const current = readCurrentObjectInfo<ObjectInfo>();
  const image = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } };
  const save = { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } };
  const make = (node: Graph[string], from = current) =>
    makeRawGraph({ 1: image, 2: node, 3: save }, from, new Set(Object.keys(from)), async () => 'heurist-0123.png');

  test.each<[string, Record<string, unknown>]>([
    ['BatchImagesNode', { 'images.image0': ['1', 0], 'images.image1': ['1', 0] }],
    ['ComfySwitchNode', { switch: true, on_true: ['1', 0], on_false: ['1', 0] }],
    [
      'ResizeImageMaskNode',
      { input: ['1', 0], resize_type: 'scale by multiplier', 'resize_type.multiplier': 2, scale_method: 'area' },
    ],
    ['Painter', { mask: '', width: 64, height: 64, bg_color: '#000000' }],
  ])('takes dynamic inputs: %s', async (class_type, inputs) => {
    await expect(make({ class_type, inputs })).resolves.toMatchObject({ 2: { inputs } });
  });

  test('a row of inputs without its first is refused', async () => {
    const node = { class_type: 'BatchImagesNode', inputs: { 'images.image1': ['1', 0] } };
    await expect(make(node)).rejects.toMatchObject({
      code: 'graph_refused',
      message: expect.stringContaining('images.image0'),
    });
  });

  test('a drawing that has a name must come from outside', async () => {
    const painter = (mask: string) => ({
      class_type: 'Painter',
      inputs: { mask, width: 64, height: 64, bg_color: '#000000' },
    });
    await expect(make(painter('other.png'))).rejects.toMatchObject({
      message: expect.stringContaining('must be an http'),
    });
    await expect(make(painter('https://example.com/a.png'))).resolves.toMatchObject({
      2: { inputs: { mask: 'heurist-0123.png' } },
    });
  });

  test('files and names of saved files are found within dynamic inputs', async () => {
    const inner = {
      required: { image: [['a.png'], { image_upload: true }], filename_prefix: ['STRING'] },
    };
    const mode = ['COMFY_DYNAMICCOMBO_V3', { options: [{ key: 'file', inputs: inner }] }];
    const odd = {
      input: { required: { mode } },
      output: ['IMAGE'],
      output_node: false,
      python_module: 'custom_nodes.odd',
    };
    const from = { ...current, Odd: odd } as unknown as ObjectInfo;
    const node = (image: string) => ({
      class_type: 'Odd',
      inputs: { mode: 'file', 'mode.image': image, 'mode.filename_prefix': '../x' },
    });
    await expect(make(node('a.png'), from)).rejects.toMatchObject({
      message: expect.stringContaining('mode.image of node 2'),
    });
    await expect(make(node('https://example.com/a.png'), from)).resolves.toMatchObject({
      2: { inputs: { 'mode.image': 'heurist-0123.png', 'mode.filename_prefix': 'raw' } },
    });
  });
});
