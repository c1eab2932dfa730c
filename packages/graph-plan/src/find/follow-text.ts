import type { Graph, GraphNode } from '@heurist/core/definition';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { isLink, type Place, placeName } from '../graph-walk.ts';
import { isSwitch, type Literal, passedInput, sidesOf } from './follow-value.ts';
import { outputTypes } from './widget-of.ts';

/** A text of the graph that decides an input. */
export interface TextSource extends Literal {
  value: string;
  /** It is added to the text that matters: words of quality, a trigger, a template. */
  isStyle: boolean;
}

const JOINS = /concat|join|combine|append|merge|multi/i;
const REPLACES = /replace|format|template/i;
/** Inputs of nodes that work on texts, which are no texts to work on. */
const SETTINGS = /delim|separ|regex|pattern|find|^key$|mode|system|^search|negative|name|path|format|lang|encoding/i;
/** Inputs that hold the text to work on, the most telling first. */
const TEXTS = [
  /^prompt/,
  /prompt$/,
  /^(text|string)$/,
  /^(value|source|any|input|anything)$/,
  /text|string|str|prompt/i,
];
/** Titles of what is only added to a prompt. */
const STYLE_TITLE = /style|trigger|prefix|suffix|quality|system|template|instruction/i;

/**
 * The texts that decide an input, those that matter first. They are followed through joins, switches, previews and models.
 *
 * @param seen - places that were met on the way: a text that comes by two ways counts once
 */
export function textsAt(graph: Graph, shapes: NodeShapes, place: Place, seen = new Set<string>()): TextSource[] {
  const name = placeName(place);
  if (seen.has(name)) return [];
  seen.add(name);
  const value = graph[place.node]?.inputs[place.input];
  if (typeof value === 'string') return [{ place, value, isStyle: false }];
  if (!isLink(value)) return [];
  const [id, output] = value;
  const source = Object.hasOwn(graph, id) ? graph[id] : undefined;
  if (!source || !makesText(shapes, source, output)) return [];
  const follow = (input: string) => textsAt(graph, shapes, { node: id, input }, seen);
  const passed = passedInput(graph, shapes, id);
  if (passed) return follow(passed);
  // what decides is not in the graph: each side may be drawn
  if (isSwitch(source)) return sidesOf(source).flatMap(follow);
  const inputs = textInputs(source);
  if (JOINS.test(source.class_type) || isFamily(inputs)) return joined(graph, id, inputs, follow);
  if (REPLACES.test(source.class_type) && isLink(source.inputs.replace)) return replaced(follow);
  const takesApart = /extract|json/i.test(source.class_type);
  for (const input of inputs) {
    // a list that something is picked from is no prompt
    if (takesApart && !isLink(source.inputs[input])) continue;
    const found = follow(input);
    if (found.length) return found;
  }
  return [];
}

const NO_TEXT =
  /^(IMAGE|MASK|LATENT|AUDIO|VIDEO|MODEL|CLIP|VAE|CONDITIONING|INT|FLOAT|BOOLEAN|NOISE|SIGMAS|MESH|FILE_3D.*)$/;

function makesText(shapes: NodeShapes, node: GraphNode, output: number): boolean {
  return !NO_TEXT.test(outputTypes(shapes, node)?.[output] ?? '');
}

/** The inputs of a node that hold texts, the most telling first. */
function textInputs({ inputs }: GraphNode): string[] {
  const names = Object.keys(inputs).filter((name) => isText(inputs[name]) && !SETTINGS.test(name));
  const rank = (name: string) => TEXTS.findIndex((pattern) => pattern.test(name));
  const ranked = names.filter((name) => rank(name) >= 0).toSorted((a, b) => rank(a) - rank(b));
  // a node with one input passes it on, whatever its name is
  return ranked.length || names.length !== 1 ? ranked : names;
}

/** `text_a` and `text_b`, or `string1` and `string2`: texts that are put together. */
function isFamily(inputs: readonly string[]): boolean {
  const stems = inputs.flatMap((name) => /^(.+?)_?(?:[a-h]|\d+)$/.exec(name)?.[1] ?? []);
  return new Set(stems).size < stems.length;
}

const isText = (value: unknown) => typeof value === 'string' || isLink(value);

/** What is linked in is the prompt, and what stands beside it is the style; without links, the first text is the prompt. */
function joined(
  graph: Graph,
  id: string,
  inputs: readonly string[],
  follow: (input: string) => TextSource[],
): TextSource[] {
  const { inputs: values } = graph[id]!;
  // in the order of the node
  const parts = Object.keys(values).filter((name) => inputs.includes(name));
  const linked = parts.filter((name) => isLink(values[name])).flatMap(follow);
  const written = parts.filter((name) => typeof values[name] === 'string').flatMap(follow);
  const words = written.filter(({ value }) => value.trim().length > 1);
  const titled = linked.map((one) => ({ ...one, isStyle: one.isStyle || isStyleTitle(graph[one.place.node]!) }));
  const mains = titled.filter(({ isStyle }) => !isStyle);
  if (mains.length) return [...mains, ...asStyle([...titled.filter(({ isStyle }) => isStyle), ...words])];
  const [main, ...others] = [...linked, ...words];
  return main ? [{ ...main, isStyle: false }, ...asStyle(others)] : written.slice(0, 1);
}

function isStyleTitle({ _meta }: GraphNode): boolean {
  const title = _meta?.title ?? '';
  return STYLE_TITLE.test(title) && !/user|\bprompt\)?$/i.test(title);
}

const asStyle = (texts: readonly TextSource[]) => texts.map((text) => ({ ...text, isStyle: true }));

/** A template with a gap: what fills it is the prompt, if that is written somewhere. */
function replaced(follow: (input: string) => TextSource[]): TextSource[] {
  const fills = follow('replace');
  return fills.length ? [...fills, ...asStyle(follow('string'))] : follow('string');
}
