import { randomInt } from 'node:crypto';
import { describeParameters, type WorkflowDefinition } from '@heurist/core/definition';

/** As much as can be drawn. */
const LARGEST_SEED = 2 ** 48 - 1;

/** No seed given means a fresh one: ComfyUI would answer the same graph from its cache. */
export function withSeed(definition: WorkflowDefinition, parameters: Record<string, unknown>): Record<string, unknown> {
  const { bindings } = definition;
  const places = (name: string) => (bindings[name] ?? []).map(({ node, input }) => `${node}.${input}`);
  const set = new Set(Object.keys(parameters).flatMap((name) => (parameters[name] === undefined ? [] : places(name))));
  const isFree = bindings.seed && !places('seed').some((place) => set.has(place));
  if (!isFree) return parameters;
  // some nodes take smaller seeds than samplers do
  const { maximum = LARGEST_SEED } = describeParameters(definition).properties.seed ?? {};
  return { ...parameters, seed: randomInt(Math.min(maximum, LARGEST_SEED)) };
}
