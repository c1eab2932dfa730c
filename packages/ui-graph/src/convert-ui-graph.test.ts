import { describe, expect, test } from 'vitest';
import { convertUiGraph, isUiFile } from './convert-ui-graph.ts';
import { shapesOf } from './node-shapes.ts';

const shapes = shapesOf({
  Load: { input: { required: { image: [['a.png', 'b.png']] } } },
  Blur: { input: { required: { image: ['IMAGE'], radius: ['INT', { default: 3 }] } } },
  Save: { input: { required: { images: ['IMAGE'], name: ['STRING', { default: 'x' }], tags: ['STRING', {}] } } },
  Pick: {
    input: {
      required: {
        how: [
          'COMFY_DYNAMICCOMBO_V3',
          {
            options: [
              { key: 'size', inputs: { required: { width: ['INT', {}], height: ['INT', {}] } } },
              { key: 'factor', inputs: { required: { by: ['FLOAT', {}] } } },
            ],
          },
        ],
        last: ['STRING', {}],
      },
    },
  },
});

const image = (...links: number[]) => [{ name: 'IMAGE', type: 'IMAGE', links }];
const load = { id: 1, type: 'Load', outputs: image(1), widgets_values: ['b.png'] };
const save = {
  id: 9,
  type: 'Save',
  inputs: [{ name: 'images', type: 'IMAGE', link: 9 }],
  widgets_values: ['y', ['a']],
};
const convert = (nodes: unknown[], links: unknown[], rest = {}) => convertUiGraph({ nodes, links, ...rest }, shapes);

describe('values', () => {
  test('a list is marked, or the server would take it for a link', () => {
    const { graph } = convert([load, save], [[9, 1, 0, 9, 0, 'IMAGE']]);
    expect(graph['9']!.inputs).toEqual({ images: ['1', 0], name: 'y', tags: { __value__: ['a'] } });
  });

  test('what the file does not say is the default', () => {
    const { graph } = convert([{ id: 2, type: 'Blur' }], []);
    expect(graph['2']!.inputs).toEqual({ radius: 3 });
  });

  test('an object has them by name', () => {
    const { graph } = convert([{ id: 2, type: 'Blur', widgets_values: { radius: 8 } }], []);
    expect(graph['2']!.inputs).toEqual({ radius: 8 });
  });

  test('and then also what depends on a choice, but no previews', () => {
    const widgets_values = { radius: 8, crf: 19, videopreview: { hidden: false } };
    expect(convert([{ id: 2, type: 'Blur', widgets_values }], []).graph['2']!.inputs).toEqual({ radius: 8, crf: 19 });
  });

  test('LoRAs of a node that takes any number', () => {
    const type = 'Power Lora Loader (rgthree)';
    const lora = { on: true, lora: 'a.safetensors', strength: 1 };
    const widgets_values = [{}, { type: 'PowerLoraLoaderHeaderWidget' }, lora, { ...lora, on: false }, {}, ''];
    const { graph } = convertUiGraph({ nodes: [{ id: 2, type, widgets_values }], links: [] }, shapesOf({ [type]: {} }));
    expect(graph['2']!.inputs).toEqual({ lora_1: lora, lora_2: { ...lora, on: false } });
  });

  test('names count more than places: the node may have changed since', () => {
    const node = {
      id: 2,
      type: 'Blur',
      widgets_values: ['soft', 8],
      widgets_values_named: { kind: 'soft', radius: 8 },
    };
    expect(convert([node], []).graph['2']!.inputs).toEqual({ radius: 8 });
  });

  test('but the list has the values: it is what people edit', () => {
    const node = { id: 2, type: 'Blur', widgets_values: [8], widgets_values_named: { radius: 5 } };
    expect(convert([node], []).graph['2']!.inputs).toEqual({ radius: 8 });
  });

  test('the second of two seeds has a control without a name', () => {
    const widgets_values = ['size', 7, 'randomize', 8, 'fixed', 'end'];
    const widgets_values_named = {
      how: 'size',
      'how.width': 7,
      control_after_generate: 'randomize',
      'how.height': 8,
      last: 'e',
    };
    const { graph } = convert([{ id: 2, type: 'Pick', widgets_values, widgets_values_named }], []);
    expect(graph['2']!.inputs).toEqual({ how: 'size', 'how.width': 7, 'how.height': 8, last: 'end' });
  });

  test('an input may be called __proto__', () => {
    const widgets_values_named = JSON.parse('{"__proto__": 5, "radius": 3}');
    const node = { id: 2, type: 'Newer', outputs: image(9), widgets_values: [6, 4], widgets_values_named };
    const { graph } = convertUiGraph({ nodes: [node], links: [] }, shapes, { trustsNames: true });
    expect(Object.entries(graph['2']!.inputs)).toEqual([
      ['__proto__', 6],
      ['radius', 4],
    ]);
  });

  test('the first files said of a seed whether it changes, and had longer names of samplers', () => {
    const sampler = {
      seed: ['INT', { control_after_generate: true }],
      steps: ['INT', {}],
      sampler_name: [['euler', 'dpm_2']],
    };
    const known = shapesOf({ KSampler: { input: { required: sampler } } });
    for (const changes of [true, false, 'fixed']) {
      const node = { id: 2, type: 'KSampler', widgets_values: [7, changes, 20, 'sample_dpm_2'] };
      const { graph } = convertUiGraph({ nodes: [node], links: [] }, known);
      expect(graph['2']!.inputs).toEqual({ seed: 7, steps: 20, sampler_name: 'dpm_2' });
    }
  });

  test('a control inside a subgraph is found by the id that its node has got', () => {
    const inner = {
      id: 4,
      type: 'Blur',
      inputs: [{ name: 'radius', type: 'INT', link: 1, widget: { name: 'radius' } }],
    };
    const links = [[1, -10, 0, 4, 0, 'INT']];
    const subgraph = { id: 'soft', nodes: [inner], links, inputs: [{ name: 'radius', type: 'INT' }], outputs: [] };
    const host = { id: 4, type: 'soft', widgets_values: [8], properties: { proxyWidgets: [['4', 'radius']] } };
    const { graph } = convert([host], [], { definitions: { subgraphs: [subgraph] }, last_node_id: 6 });
    expect(graph).toEqual({ '4:7': { class_type: 'Blur', inputs: { radius: 8 }, _meta: { title: 'Blur' } } });
  });

  test('a choice brings controls of its own', () => {
    const { graph } = convert([{ id: 2, type: 'Pick', widgets_values: ['factor', 1.5, 'end'] }], []);
    expect(graph['2']!.inputs).toEqual({ how: 'factor', 'how.by': 1.5, last: 'end' });
  });

  test('a choice that is not known is reported, since what follows cannot be told', () => {
    const { graph, unknown } = convert([{ id: 2, type: 'Pick', widgets_values: ['area', 4, 'end'] }], []);
    expect(graph).toEqual({});
    expect(unknown).toEqual([{ id: '2', type: 'Pick', choice: { input: 'how', value: 'area' } }]);
  });

  test('unless the file names what it brings', () => {
    const widgets_values_named = { how: 'area', 'how.pixels': 4, last: 'end' };
    const { graph } = convert([{ id: 2, type: 'Pick', widgets_values_named }], []);
    expect(graph['2']!.inputs).toEqual({ how: 'area', 'how.pixels': 4, last: 'end' });
  });
});

describe('links', () => {
  test('Get and Set pass on what they are called by', () => {
    const set = {
      id: 2,
      type: 'SetNode',
      inputs: [{ name: 'IMAGE', type: 'IMAGE', link: 1 }],
      widgets_values: ['photo'],
    };
    const get = { id: 3, type: 'GetNode', outputs: image(9), widgets_values: ['photo'] };
    const { graph } = convert(
      [load, set, get, save],
      [
        [1, 1, 0, 2, 0, 'IMAGE'],
        [9, 3, 0, 9, 0, 'IMAGE'],
      ],
    );
    expect(Object.keys(graph)).toEqual(['1', '9']);
    expect(graph['9']!.inputs.images).toEqual(['1', 0]);
  });

  test('a circle of reroutes leads to nothing', () => {
    const reroute = (id: number, link: number) => ({
      id,
      type: 'Reroute',
      inputs: [{ name: '', link }],
      outputs: image(link),
    });
    const { graph } = convert(
      [reroute(2, 1), reroute(3, 2), save],
      [
        [1, 3, 0, 2, 0, '*'],
        [2, 2, 0, 3, 0, '*'],
        [9, 2, 0, 9, 0, '*'],
      ],
    );
    expect(graph['9']!.inputs).not.toHaveProperty('images');
  });

  test.each(['Reroute', 'Blur'])('a chain of 12,000 nodes that pass on (%s) leads to its begin', (type) => {
    const chain = Array.from({ length: 12_000 }, (_, index) => ({
      id: 100 + index,
      type,
      mode: 4,
      inputs: [{ name: 'image', type: 'IMAGE', link: 100 + index }],
      outputs: image(101 + index),
    }));
    const links = chain.map(({ id }, index) => [id, index ? id - 1 : 1, 0, id, 0, 'IMAGE']);
    const nodes = chain.map((node) => (type === 'Reroute' ? { ...node, mode: 0 } : node));
    const { graph } = convert([load, ...nodes, save], [...links, [9, 12_099, 0, 9, 0, 'IMAGE']]);
    expect(graph['9']!.inputs.images).toEqual(['1', 0]);
  });

  test('a link that is gone leads to nothing', () => {
    expect(convert([save], [null]).graph['9']!.inputs).not.toHaveProperty('images');
  });
});

test('an input of a group that is a control takes no place among those that come from outside', () => {
  const radius = { name: 'radius', type: 'INT', widget: { name: 'radius' } };
  const inner = {
    type: 'Blur',
    inputs: [radius, { name: 'image', type: 'IMAGE' }],
    outputs: image(),
    widgets_values: [2],
  };
  const extra = { groupNodes: { Soft: { nodes: [inner], links: [] } } };
  const inputs = [{ name: 'image', type: 'IMAGE', link: 1 }];
  const group = { id: 4, type: 'workflow>Soft', inputs, outputs: image(9), widgets_values: [6] };
  const links = [
    [1, 1, 0, 4, 0, 'IMAGE'],
    [9, 4, 0, 9, 0, 'IMAGE'],
  ];
  const { graph } = convert([load, group, save], links, { extra });
  expect(graph['4:0']!.inputs).toEqual({ image: ['1', 0], radius: 6 });
  expect(graph['9']!.inputs.images).toEqual(['4:0', 0]);
});

describe('what is refused', () => {
  test('a subgraph that contains itself', () => {
    const subgraph = { id: 'loop', name: 'Loop', nodes: [{ id: 5, type: 'loop' }], links: [], inputs: [], outputs: [] };
    expect(() => convert([{ id: 1, type: 'loop' }], [], { definitions: { subgraphs: [subgraph] } })).toThrow(
      'Subgraph "Loop"',
    );
  });

  test('one that shows its own control on itself', () => {
    const inputs = [{ name: 'radius', type: 'INT', link: 1, widget: { name: 'radius' } }];
    const nodes = [
      { id: 4, type: 'Blur', inputs },
      { id: 5, type: 'loop', inputs },
    ];
    const links = [[1, -10, 0, 5, 0, 'INT']];
    const subgraph = { id: 'loop', name: 'Loop', nodes, links, inputs: [{ name: 'radius' }], outputs: [] };
    expect(() => convert([{ id: 1, type: 'loop' }], [], { definitions: { subgraphs: [subgraph] } })).toThrow(
      'contains itself',
    );
  });

  test('subgraphs in each other that make billions of nodes', () => {
    const subgraphs = Array.from({ length: 40 }, (_, index) => ({
      id: `s${index}`,
      nodes: [1, 2].map((id) => ({ id, type: `s${index + 1}` })),
      links: [],
    }));
    expect(() => convert([{ id: 1, type: 's0' }], [], { definitions: { subgraphs } })).toThrow(
      'more than 100000 nodes',
    );
  });

  test('but nothing for what only the editor reads', () => {
    const node = {
      id: 2,
      type: 'Blur',
      title: 5,
      mode: 'always',
      properties: 'x',
      inputs: [{ name: null, widget: 1 }],
    };
    expect(convert([node], []).graph['2']!.inputs).toEqual({ radius: 3 });
  });

  test('a damaged file, with the place', () => {
    expect(() => convert([{ id: 1, type: 7 }], [])).toThrow('damaged at nodes.0.type');
  });

  test('a group node whose values do not fit its group', () => {
    const extra = { groupNodes: { Soft: { nodes: [{ type: 'Blur', widgets_values: [2] }], links: [] } } };
    const group = { id: 4, type: 'workflow>Soft', widgets_values: [2, 3] };
    expect(() => convert([group], [], { extra })).toThrow('group node 4 (workflow>Soft)');
  });
});

describe('nodes that are not known', () => {
  test('are named with the pack that the file names', () => {
    const sparkle = { id: 2, type: 'Sparkle', outputs: image(9), properties: { cnr_id: 'sparkle-pack' } };
    const { unknown } = convert([sparkle, save], [[9, 2, 0, 9, 0, 'IMAGE']]);
    expect(unknown).toEqual([{ id: '2', type: 'Sparkle', pack: 'sparkle-pack' }]);
  });

  test.each([
    ['connected to nothing', { id: 2, type: 'Label (rgthree)' }],
    ['muted', { id: 2, type: 'Sparkle', mode: 2, outputs: image(9) }],
    ['a note', { id: 2, type: 'MarkdownNote', outputs: image(9) }],
  ])('do not matter if they are %s', (_, node) => {
    expect(convert([node], []).unknown).toEqual([]);
  });
});

test.each([
  [{ nodes: [] }, true],
  [{ nodes: {} }, false],
  [{ '1': { class_type: 'Load', inputs: {} } }, false],
  [null, false],
  ['nodes', false],
])('%j is a file of the editor: %s', (json, is) => {
  expect(isUiFile(json)).toBe(is);
});

describe('a class that nobody described', () => {
  const connected = { outputs: image(1) };
  const node = (more: object) => ({ id: 2, type: 'Newer', ...connected, ...more });
  const trusting = (more: object) => convertUiGraph({ nodes: [node(more)], links: [] }, shapes, { trustsNames: true });

  test('is converted by the names of its values, without those of the editor', () => {
    const widgets_values_named = { seed: 5, control_after_generate: 'fixed', image: 'a.png', upload: 'image' };
    const widgets_values = [6, 'randomize', 'b.png', 'image'];
    const { graph, unknown, assumed } = trusting({ widgets_values, widgets_values_named });
    expect(graph['2']!.inputs).toEqual({ seed: 6, image: 'b.png' });
    expect([unknown, assumed]).toEqual([[], [{ id: '2', type: 'Newer' }]]);
  });

  test.each<[what: string, more: object]>([
    ['names', { widgets_values: [5] }],
    ['a name for each value', { widgets_values: [5, 6], widgets_values_named: { seed: 5 } }],
    ['a rule for texts with choices', { widgets_values: ['{a|b}'], widgets_values_named: { text: '{a|b}' } }],
    ['a rule for comments', { widgets_values: ['a // b'], widgets_values_named: { text: 'a // b' } }],
  ])('stays unknown without %s', (_, more) => {
    expect(trusting(more)).toMatchObject({ graph: {}, unknown: [{ id: '2', type: 'Newer' }], assumed: [] });
  });

  test('stays unknown for a server, which would know it', () => {
    const more = { widgets_values: [5], widgets_values_named: { seed: 5 } };
    expect(convertUiGraph({ nodes: [node(more)], links: [] }, shapes)).toMatchObject({ graph: {}, assumed: [] });
  });
});
