import { describe, expect, test } from 'vitest';
import { liveInputs } from './live-inputs.ts';

const nodeOf = (required: object, optional: object = {}) => ({ input: { required, optional } }) as never;
/** Names, with a question mark after those that may be missing. */
const names = (info: never, values: Record<string, unknown> = {}) =>
  [...liveInputs(info, values)].map(([name, { isRequired }]) => `${name}${isRequired ? '' : '?'}`);

test('most nodes have the same inputs always; of two with one name, the required one counts', () => {
  expect(names(nodeOf({ a: ['INT'], toString: ['INT'] }, { b: ['INT'], a: ['MASK'] }))).toEqual([
    'a',
    'toString',
    'b?',
  ]);
  expect(liveInputs(nodeOf({ a: ['INT'] }, { a: ['MASK'] }), {}).get('a')?.written).toEqual(['INT']);
});

describe('a dynamic combo', () => {
  const inner = { key: 'b', inputs: { required: { deep: ['INT'] } } };
  const nested = ['COMFY_DYNAMICCOMBO_V3', { options: [inner] }];
  const combo = [
    'COMFY_DYNAMICCOMBO_V3',
    {
      options: [
        { key: 'size', inputs: { required: { width: ['INT'] }, optional: { crop: ['INT'] } } },
        { key: 'more', inputs: { required: { inner: nested } } },
        { key: 3, inputs: {} },
      ],
    },
  ];
  const node = nodeOf({ mode: combo });

  test.each<[values: object, names: string[]]>([
    [{ mode: 'size' }, ['mode.width', 'mode.crop?', 'mode']],
    [{ mode: 'more' }, ['mode']],
    [{ mode: 'more', 'mode.inner': 'b' }, ['mode.inner.deep', 'mode.inner', 'mode']],
    [{ mode: 3 }, ['mode']],
    [{ mode: 'none' }, []],
    [{ mode: ['1', 0] }, []],
    [{ mode: { __value__: 'size' } }, []],
    [{}, []],
  ])('with %j', (values, expected) => {
    expect(names(node, { ...values })).toEqual(expected);
  });
});

describe('an autogrow', () => {
  const grow = (template: object) => ['COMFY_AUTOGROW_V3', { template }];
  const input = { required: { image: ['IMAGE'] } };

  test('counts names from its prefix, and needs the first ones', () => {
    const node = nodeOf({ images: grow({ input, prefix: 'image', min: 2, max: 3 }) });
    expect(names(node)).toEqual(['images.image0', 'images.image1', 'images.image2?']);
    expect(liveInputs(node, {}).get('images.image2')?.written).toEqual(['IMAGE']);
  });

  test('may list its names', () => {
    expect(names(nodeOf({ v: grow({ input, names: ['a', 'b'], min: 1 }) }))).toEqual(['v.a', 'v.b?']);
  });

  test('needs none if each may be missing', () => {
    const optional = { required: {}, optional: { image: ['IMAGE'] } };
    expect(names(nodeOf({ v: grow({ input: optional, names: ['a'], min: 1 }) }))).toEqual(['v.a?']);
  });

  test('that is described badly, or hugely, does no harm', () => {
    for (const template of [{}, { input: {} }, { input }, { input, prefix: 'x' }])
      expect(names(nodeOf({ v: grow(template) }))).toEqual([]);
    expect(names(nodeOf({ v: ['COMFY_AUTOGROW_V3'] }))).toEqual([]);
    expect(names(nodeOf({ v: grow({ input, prefix: 'x', min: 0, max: 1e9 }) }))).toHaveLength(100);
  });
});

test('a dynamic slot brings its inputs with its link', () => {
  const node = nodeOf({}, { slot: ['COMFY_DYNAMICSLOT_V3', { inputs: { required: { amount: ['INT'] } } }] });
  expect(names(node)).toEqual([]);
  expect(names(node, { slot: ['1', 0] })).toEqual(['slot.amount', 'slot?']);
});
