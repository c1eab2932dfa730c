import { type Graph, optionName } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { GraphPlan } from '@heurist/graph-plan/find/graph-plan';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import { placeName } from '@heurist/graph-plan/graph-walk';

/** A plan for people: options, outputs, how much is fixed, and what is worth knowing. */
export function describePlan({ options, fixed, outputs, notes }: GraphPlan, graph: Graph): string {
  const lines = options.map((option) => `  ${describeOption(option, graph)}`);
  return [
    `Makes ${outputs.map(({ node, class_type, makes }) => `${makes} at ${printableLine(node)} (${printableLine(class_type)})`).join(', ')}.`,
    options.length ? 'Options:' : 'No options: the graph always makes the same.',
    ...lines,
    `${fixed.length} other inputs keep the graph's values.`,
    ...notes.map(({ message }) => `Note: ${printableLine(message, 400)}`),
    '',
  ].join('\n');
}

/** One option: its name, where it goes, and its default. */
export function describeOption({ name, file, bindings, value, isRequired }: FoundParameter, graph: Graph): string {
  const places = bindings.map(placeName);
  const nodes = [...new Set(places.map((place) => graph[place.slice(0, place.indexOf('.'))]!.class_type))];
  const option = optionName(name, file !== undefined).padEnd(18);
  const shown = JSON.stringify(value);
  const fallback = isRequired
    ? 'required'
    : name === 'seed'
      ? 'random by default'
      : `default ${shown.length > 50 ? `${shown.slice(0, 47)}..."` : shown}`;
  return printableLine(`${option} ${places.join(', ')} (${nodes.join(', ')}); ${fallback}`, 400);
}
