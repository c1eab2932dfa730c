import type { Graph, GraphLink } from '@heurist/core/definition';
import { type FoundParameter, numbered } from './found-parameter.ts';
import { isLink, literalAt, type Place, placeName } from './graph-walk.ts';

type Role = 'prompt' | 'negative_prompt';

/** Inputs that hold a prompt, the most specific first. */
const TEXT_INPUTS = ['text', 'prompt', 't5xxl', 'text_g', 'clip_g', 'text_l', 'clip_l', 'string'];

/** Inputs of samplers and guiders for what to make, and what to avoid. */
const roles: Record<string, Role> = {
  positive: 'prompt',
  conditioning: 'prompt',
  cond1: 'prompt',
  cond2: 'prompt',
  negative: 'negative_prompt',
};

interface FoundText {
  role: Role;
  places: Place[];
  value: unknown;
}

/** Finds the prompts of a graph: the texts behind the conditioning of its samplers. */
export function findPrompts(graph: Graph, used: ReadonlySet<string>): FoundParameter[] {
  const behindSamplers = (['prompt', 'negative_prompt'] as const).flatMap((role) =>
    conditionings(graph, used, role).flatMap((link) => textsBehind(graph, link, role, new Set())),
  );
  const texts = behindSamplers.length ? behindSamplers : namedTexts(graph, used);
  // a text on both sides is the prompt; a text behind two samplers counts once
  const distinct = new Map(texts.toReversed().map((text) => [placeName(text.places[0]!), text]));
  const found = [...distinct.values()].reverse().map(({ role, places, value }) => ({
    name: role,
    kind: role,
    bindings: places.map(placeName),
    value,
    isRequired: role === 'prompt',
  }));
  // only the first prompt is required
  return numbered(found).map((prompt) => ({ ...prompt, isRequired: prompt.name === 'prompt' }));
}

/** Prompts of nodes without conditioning, such as those that call a service. */
function namedTexts(graph: Graph, used: ReadonlySet<string>): FoundText[] {
  const names: [input: string, role: Role][] = [
    ['prompt', 'prompt'],
    ['positive_prompt', 'prompt'],
    ['negative_prompt', 'negative_prompt'],
  ];
  return names.flatMap(([input, role]) =>
    [...used].flatMap((node): FoundText[] => {
      const literal = literalAt(graph, { node, input });
      return typeof literal?.value === 'string' ? [{ role, places: [literal.place], value: literal.value }] : [];
    }),
  );
}

/** The conditioning of samplers and guiders on one side. */
function conditionings(graph: Graph, used: ReadonlySet<string>, role: Role): GraphLink[] {
  const ends = [...used].filter((id) => ['latent_image', 'model', 'cfg'].some((name) => name in graph[id]!.inputs));
  return ends.flatMap((id) =>
    Object.entries(graph[id]!.inputs).flatMap(([name, value]) =>
      roles[name] === role && isLink(value) ? [value] : [],
    ),
  );
}

function textsBehind(graph: Graph, [id, output]: GraphLink, role: Role, seen: Set<string>): FoundText[] {
  const node = graph[id];
  if (!node || seen.has(id)) return [];
  seen.add(id);
  const { positive, negative } = node.inputs;
  const input = role === 'prompt' ? 'positive' : 'negative';
  // a loader that holds the texts itself
  if (typeof node.inputs[input] === 'string')
    return [{ role, places: [{ node: id, input }], value: node.inputs[input] }];
  // a node that changes both sides: its first output is what to make, its second what to avoid
  if (isLink(positive) && isLink(negative))
    return textsBehind(graph, role === 'negative_prompt' && output > 0 ? negative : positive, role, seen);
  const text = textOf(graph, id);
  if (text) return [{ role, ...text }];
  // empty on purpose
  if (node.class_type === 'ConditioningZeroOut') return [];
  return Object.entries(node.inputs).flatMap(([name, value]) =>
    isLink(value) && /cond|positive|negative/.test(name) ? textsBehind(graph, value, role, seen) : [],
  );
}

/** The text of an encoder, with every input that holds the same text. */
function textOf(graph: Graph, id: string): { places: Place[]; value: unknown } | undefined {
  const literals = TEXT_INPUTS.flatMap((input) => literalAt(graph, { node: id, input }) ?? []);
  const texts = literals.filter(({ value }) => typeof value === 'string');
  const main = texts.find(({ value }) => value !== '') ?? texts[0];
  if (!main) return madeText(graph, id);
  return { places: texts.filter(({ value }) => value === main.value).map(({ place }) => place), value: main.value };
}

/** The first text of an encoder whose text is put together by other nodes. */
function madeText(graph: Graph, id: string, hops = 4): { places: Place[]; value: unknown } | undefined {
  const link = TEXT_INPUTS.map((input) => graph[id]?.inputs[input]).find(isLink);
  const source = link && graph[link[0]];
  if (!source || !hops) return undefined;
  const texts = Object.entries(source.inputs).filter(([name]) => /text|string|prompt|value/i.test(name));
  const [input, value] = texts.find(([, text]) => typeof text === 'string' && text.trim().length > 1) ?? [];
  return input ? { places: [{ node: link[0], input }], value } : madeText(graph, link[0], hops - 1);
}
