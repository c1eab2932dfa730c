import { isLink } from '@heurist/comfyui';
import { pick } from '@heurist/test-servers/random';
import { isLinked, isLiteral, nodeIn, type Place, placeIn, type Work } from './place.ts';

/** Spoils one thing in a graph, and says where; `undefined` if the graph has nothing of the kind. */
export type Spoiler = (work: Work) => string | undefined;

/** Changes an input that fits, by chance. */
const atPlace =
  (fits: (place: Place) => boolean, change: (place: Place, work: Work) => void): Spoiler =>
  (work) => {
    const place = placeIn(work, fits);
    if (!place) return undefined;
    change(place, work);
    return `${place.id}.${place.input}`;
  };

/** Gives an input that fits another value. */
const put = (fits: (place: Place) => boolean, value: (place: Place, work: Work) => unknown): Spoiler =>
  atPlace(fits, (place, work) => {
    place.inputs[place.input] = value(place, work);
  });

/** Changes a node, by chance. */
const atNode =
  (change: (node: Record<string, unknown>, id: string, work: Work) => void): Spoiler =>
  (work) => {
    const id = nodeIn(work);
    change(work.graph[id]! as unknown as Record<string, unknown>, id, work);
    return id;
  };

const anywhere = () => true;
const drop = ({ inputs, input }: Place) => delete inputs[input];
const isNumber = ({ type }: Place) => type === 'INT' || type === 'FLOAT';
const isDynamicCombo = ({ type }: Place) => type === 'COMFY_DYNAMICCOMBO_V3';
const isNested = ({ input }: Place) => input.includes('.');
const isUpload = ({ options }: Place) => Object.keys(options).some((key) => key.endsWith('_upload'));
const linkOf = ({ inputs, input }: Place) => inputs[input] as [string, number];
const any = ({ random }: Work, ...values: unknown[]) => structuredClone(pick(random, values));

/** Nodes that lead to a node, and the node itself. */
function above({ graph }: Work, id: string): string[] {
  const found = new Set([id]);
  for (const one of found)
    for (const value of Object.values(graph[one]?.inputs ?? {})) if (isLink(value)) found.add(value[0]);
  return [...found];
}

/** By what they spoil. */
export const spoilers: Record<string, Spoiler> = {
  'drop a link': atPlace(isLinked, drop),
  'drop a value': atPlace(isLiteral, drop),
  'drop an input of a dynamic one': atPlace(isNested, drop),
  'drop the choice of a dynamic combo': atPlace(isDynamicCombo, drop),
  'drop a file': atPlace(isUpload, drop),
  'a wrong key of a dynamic combo': put(isDynamicCombo, (_, work) => any(work, 'nonsense', 1, null, ['1', 0], true)),
  'another key of a dynamic combo': put(isDynamicCombo, ({ options }, { random }) => {
    return pick(random, options.options as { key: unknown }[]).key;
  }),
  'an unknown choice': put(
    ({ choices }) => !!choices,
    (_, work) => any(work, 'nonsense', '', 5, true, null),
  ),
  'above the range': put(
    ({ options }) => typeof options.max === 'number',
    ({ options }, work) => (options.max as number) * 2 + pick(work.random, [1, 2.5]),
  ),
  'below the range': put(
    ({ options }) => typeof options.min === 'number',
    ({ options }, work) => (options.min as number) - pick(work.random, [1, 2.5]),
  ),
  'a number as text': put(isNumber, (_, work) => any(work, '5', ' 7 ', '1e3', '0x10', '1_0', '', 'five', '.5')),
  'no number': put(isNumber, (_, work) => any(work, null, true, {}, { a: 1 }, 'nonsense')),
  'an odd value': put(isLiteral, (_, work) => any(work, null, {}, { a: 1 }, false, 1e15, -7, 2.75, 'nonsense', '')),
  'an odd value in place of a link': put(isLinked, (_, work) => any(work, null, 5, 'text', true, {}, 2.5)),
  'a wrapped value': put(isLiteral, (_, work) =>
    any(work, { __value__: [1, 2] }, { __value__: 5 }, { __value__: 'x' }),
  ),
  'no link': put(anywhere, ({ id }, work) => any(work, [], [id], [id, 0, 1], [[id, 0]])),
  'a link to no node': put(isLinked, (_, work) => any(work, ['nowhere', 0], [7, 0], [null, 0], [['1'], 0])),
  'a link in place of a value': put(isLiteral, (_, work) => [nodeIn(work), 0]),
  'a link to another node': put(isLinked, (_, work) => [nodeIn(work), 0]),
  'a link to another output': put(isLinked, (place, work) => [linkOf(place)[0], any(work, 1, 2, 9, -1, -9)]),
  'a link to what is no output': put(isLinked, (place, work) => [linkOf(place)[0], any(work, '0', null, true, 0.5)]),
  'a link to itself': put(anywhere, ({ id }) => [id, 0]),
  'a cycle': put(isLinked, (place, work) => {
    const below = Object.keys(work.graph).filter((id) => above(work, id).includes(place.id));
    return [pick(work.random, below), 0];
  }),
  'a file that is not there': put(isUpload, (_, work) => any(work, 'gone.png', '../gone.png', 'gone.png [output]')),
  'no file': put(isUpload, (_, work) => any(work, 5, null, ['nowhere', 0], '', {}, [nodeIn(work), 0])),
  'an input of no class': atNode((node) => Object.assign(node.inputs as object, { nonsense: ['nowhere', 0] })),
  'an unknown class': atNode((node) => Object.assign(node, { class_type: 'NoSuchNode' })),
  'no class': atNode((node, _, work) => Object.assign(node, { class_type: any(work, undefined, null, 5) })),
  'another class': atNode((node, _, work) => Object.assign(node, { class_type: work.graph[nodeIn(work)]!.class_type })),
  'inputs of nothing': atNode((node, _, work) => Object.assign(node, { inputs: any(work, undefined, null, [], 'x') })),
  'no inputs': atNode((node) => Object.assign(node, { inputs: {} })),
  'drop a node': (work) => {
    const id = nodeIn(work);
    delete work.graph[id];
    return id;
  },
  'no node': (work) => {
    const id = nodeIn(work);
    Object.assign(work.graph, { [id]: any(work, null, 'x', 5, []) });
    return id;
  },
  'drop all outputs': (work) => {
    for (const [id, { class_type }] of Object.entries(work.graph))
      if (work.info[class_type]?.output_node) delete work.graph[id];
    return 'all';
  },
};
