import { choicesOf, type InputSpec, isLink, type LiveInput, liveInputs, type ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { pick, type Random } from '@heurist/test-servers/random';

/** An input of a node that has a value. */
export interface Place {
  id: string;
  input: string;
  inputs: Record<string, unknown>;
  /** How its class describes it; `*` if it does not. */
  type: unknown;
  options: Record<string, unknown>;
  choices: readonly unknown[] | undefined;
}

/** What a spoiler works on: it changes the graph. */
export interface Work {
  graph: Graph;
  info: ObjectInfo;
  random: Random;
}

/** An input of the graph, by chance, of those that fit. */
export function placeIn(
  { graph, info, random }: Work,
  fits: (place: Place) => boolean = () => true,
): Place | undefined {
  const all = Object.entries(graph).flatMap(([id, { class_type, inputs }]) => {
    const live = liveInputs(info[class_type]!, inputs);
    return Object.keys(inputs).map((input) => placeOf(id, input, inputs, live.get(input)));
  });
  const fitting = all.filter(fits);
  return fitting.length ? pick(random, fitting) : undefined;
}

function placeOf(id: string, input: string, inputs: Record<string, unknown>, live: LiveInput | undefined): Place {
  const [type, options = {}] = (live?.written ?? ['*']) as unknown as InputSpec;
  return { id, input, inputs, type, options, choices: choicesOf([type, options]) };
}

/** A node, by chance. */
export const nodeIn = ({ graph, random }: Work): string => pick(random, Object.keys(graph));

export const isLinked = ({ inputs, input }: Place): boolean => isLink(inputs[input]);
export const isLiteral = (place: Place): boolean => !isLinked(place);
