import type { GraphLink, GraphNode } from '@heurist/core/definition';
import { isLink } from '../graph-walk.ts';
import { type TextSource, textsAt } from './follow-text.ts';
import { isSwitch, passedInput, sidesOf } from './follow-value.ts';
import type { Scene } from './scene.ts';
import { outputTypes } from './widget-of.ts';

/** What a text is for. */
export type Role = 'prompt' | 'negative_prompt';

/** A text that conditions what is made, with every input that holds it. */
export interface FoundText {
  role: Role;
  sources: TextSource[];
}

/** Inputs of encoders that hold a prompt, the most telling first. */
const TEXT_INPUTS = [
  'text',
  'prompt',
  't5xxl',
  'text_g',
  'clip_g',
  'text_l',
  'clip_l',
  'llama',
  'bert',
  'mt5xl',
  'string',
];

/** Inputs of samplers and guiders for what to make, and what to avoid. */
const ROLES = new Map<string, Role>([
  ['positive', 'prompt'],
  ['conditioning', 'prompt'],
  ['cond1', 'prompt'],
  // with the picture, but without the words
  ['cond2', 'negative_prompt'],
  ['negative', 'negative_prompt'],
]);

/** The texts behind the conditioning of samplers and guiders, and of encoders that lead elsewhere. */
export function conditioningTexts(scene: Scene): FoundText[] {
  const visited = new Set<string>();
  const ends = [...scene.live].filter(([, { inputs }]) =>
    ['latent_image', 'model', 'cfg', 'image'].some((name) => Object.hasOwn(inputs, name)),
  );
  const behindEnds = (['prompt', 'negative_prompt'] as const).flatMap((role) =>
    ends.flatMap(([, { inputs }]) =>
      Object.entries(inputs).flatMap(([name, value]) =>
        ROLES.get(name) === role && isLink(value) ? textsBehind(scene, value, role, new Set(), visited) : [],
      ),
    ),
  );
  const others = [...scene.live].filter(([id, node]) => !visited.has(id) && isEncoder(scene, node));
  return [
    ...behindEnds,
    ...others.flatMap(([id]) => encoderTexts(scene, id, isForNegative(scene, id) ? 'negative_prompt' : 'prompt')),
  ];
}

function isEncoder({ shapes }: Scene, node: GraphNode): boolean {
  if (!TEXT_INPUTS.some((input) => Object.hasOwn(node.inputs, input))) return false;
  return outputTypes(shapes, node)?.includes('CONDITIONING') ?? /text.?encode|encode.?text/i.test(node.class_type);
}

/** Whether what an encoder makes goes into an input for what to avoid. */
function isForNegative({ live }: Scene, id: string): boolean {
  return [...live.values()].some(({ inputs }) =>
    Object.entries(inputs).some(([name, value]) => /neg/i.test(name) && isLink(value) && value[0] === id),
  );
}

function textsBehind(
  scene: Scene,
  [id, output]: GraphLink,
  role: Role,
  seen: Set<string>,
  visited: Set<string>,
): FoundText[] {
  const node = scene.live.get(id);
  // a node that changes both sides is met once for each
  if (!node || seen.has(`${id} ${output} ${role}`)) return [];
  seen.add(`${id} ${output} ${role}`);
  visited.add(id);
  const follow = (link: GraphLink, side = role) => textsBehind(scene, link, side, seen, visited);
  const passed = passedInput(scene.graph, scene.shapes, id);
  if (passed) {
    const value = node.inputs[passed];
    return isLink(value) ? follow(value) : [];
  }
  const { positive, negative } = node.inputs;
  // a loader that holds the texts itself
  const input = role === 'prompt' ? 'positive' : 'negative';
  if (typeof node.inputs[input] === 'string') return encoderTexts(scene, id, role, [input]);
  // a node that changes both sides: its first output is what to make, its second what to avoid
  if (isLink(positive) && isLink(negative)) return output > 0 ? follow(negative, 'negative_prompt') : follow(positive);
  const texts = encoderTexts(scene, id, role);
  if (texts.length) return texts;
  // empty on purpose
  if (node.class_type === 'ConditioningZeroOut') return [];
  const sides = isSwitch(node) ? sidesOf(node) : [];
  return Object.entries(node.inputs).flatMap(([name, value]) =>
    isLink(value) && (/cond|positive|negative/.test(name) || sides.includes(name)) ? follow(value) : [],
  );
}

/** The texts of an encoder, each with every input that holds the same, and what is added to them. */
function encoderTexts({ graph, shapes }: Scene, id: string, role: Role, inputs = TEXT_INPUTS): FoundText[] {
  const found = inputs.map((input) => textsAt(graph, shapes, { node: id, input })).filter((texts) => texts.length);
  const main = found.find(([text]) => text!.value !== '') ?? found[0];
  if (!main) return [];
  const others = found.filter((texts) => texts !== main && texts[0]!.value !== '');
  const same = others.filter(([text]) => text!.value === main[0]!.value).map(([text]) => text!);
  // what another part of the model reads would be drawn too
  const different = others.filter(([text]) => text!.value !== main[0]!.value);
  return [
    { role, sources: [main[0]!, ...same] },
    ...[...main.slice(1), ...different.flat()].map((text): FoundText => ({ role, sources: [text] })),
  ];
}
