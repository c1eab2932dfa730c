import type { Graph, GraphNode } from '@heurist/core/definition';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { isLink, type Place, placeName } from '../graph-walk.ts';
import { outputTypes } from './widget-of.ts';

/** A value that is written in the graph, and where. */
export interface Literal {
  place: Place;
  value: unknown;
}

/** What was found at places: each is looked at once, or a few nodes with several links to each other would be billions of ways. */
type Known = Map<string, Literal | undefined>;

/** Types of plain values. */
const PLAIN = new Set(['INT', 'FLOAT', 'NUMBER', 'STRING', 'BOOLEAN', 'COMBO', '*']);

/** Classes that hold or pass on a plain value, where nothing but their name is known. */
const PLAIN_NAMES =
  /primitive|constant|literal|reroute|preview|math|expression|convert|slider|seed|^(simple )?(int|float|string|text|number|bool)|(int|float|integer|string|number|value|boolean)$/i;

/** Inputs that hold the value of a node, if it has others. */
const MAIN_INPUTS = /^(value|int|float|number|string|text|seed|boolean|bool)$/i;

/** Whether a node makes nothing but plain values. */
export function isPlain(shapes: NodeShapes, node: GraphNode): boolean {
  const types = outputTypes(shapes, node);
  return types ? types.length > 0 && types.every((type) => PLAIN.has(type)) : PLAIN_NAMES.test(node.class_type);
}

/**
 * The one literal that decides an input: its own, or that of the node behind it that holds a value. It is followed through
 * switches, previews and arithmetic.
 *
 * @returns `undefined` if the value is made otherwise, or from several
 */
export function literalAt(
  graph: Graph,
  shapes: NodeShapes,
  place: Place,
  known: Known = new Map(),
): Literal | undefined {
  const name = placeName(place);
  if (known.has(name)) return known.get(name);
  // a cycle leads to nothing
  known.set(name, undefined);
  const found = findLiteral(graph, shapes, place, known);
  known.set(name, found);
  return found;
}

function findLiteral(graph: Graph, shapes: NodeShapes, place: Place, known: Known): Literal | undefined {
  const value = graph[place.node]?.inputs[place.input];
  if (value === undefined) return undefined;
  if (!isLink(value)) return { place, value };
  const [node] = value;
  const source = Object.hasOwn(graph, node) ? graph[node] : undefined;
  if (!source) return undefined;
  const passed = passedInput(graph, shapes, node, known);
  if (passed) return literalAt(graph, shapes, { node, input: passed }, known);
  if (!isPlain(shapes, source)) return undefined;
  const inputs = Object.keys(source.inputs);
  const links = inputs.filter((input) => isLink(source.inputs[input]));
  const own = inputs.length === 1 ? inputs : inputs.filter((input) => MAIN_INPUTS.test(input));
  const followed = links.length ? links : own.length === 1 ? own : [];
  const found = followed.map((input) => literalAt(graph, shapes, { node, input }, known));
  const [first] = found;
  return found.every((one) => one && first && samePlace(one.place, first.place)) ? first : undefined;
}

function samePlace(one: Place, other: Place): boolean {
  return one.node === other.node && one.input === other.input;
}

const SWITCH = /switch|selector|ternary|^if\b|if.?else/i;
const DECIDES = /^(switch|condition|cond|boolean|bool|select|index|selector|input)$/i;

/** Whether a node passes on one of several inputs. */
export const isSwitch = ({ class_type }: GraphNode) => SWITCH.test(class_type);

/** The inputs of a switch that it may pass on. */
export const sidesOf = ({ inputs }: GraphNode) => Object.keys(inputs).filter((name) => !DECIDES.test(name));

/** The input that a switch passes on, where the graph itself decides that. */
export function passedInput(
  graph: Graph,
  shapes: NodeShapes,
  id: string,
  known: Known = new Map(),
): string | undefined {
  const { inputs } = graph[id]!;
  if (!isSwitch(graph[id]!)) return undefined;
  const names = Object.keys(inputs);
  const decider = names.find((name) => DECIDES.test(name));
  // takes the first that is there
  if (!decider) return names.find((name) => /^any/i.test(name) && isLink(inputs[name]));
  const choice = literalAt(graph, shapes, { node: id, input: decider }, known)?.value;
  const others = names.filter((name) => name !== decider);
  if (typeof choice === 'boolean')
    return others.find((name) => (choice ? /true|_a$|^a$|then|yes/i : /false|_b$|^b$|else|no$/i).test(name));
  const number = /^\d+$/.test(String(choice)) ? Number(choice) : undefined;
  return number === undefined ? undefined : others.find((name) => Number(/\d+$/.exec(name)?.[0]) === number);
}
