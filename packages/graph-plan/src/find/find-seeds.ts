import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import { literalAt } from './follow-value.ts';
import type { Scene } from './scene.ts';
import { lastName, widgetOf } from './widget-of.ts';

const SEED = /(^|_)seed(_num)?$/i;

/** Whether an input is called a seed. */
export const isSeed = (input: string) => SEED.test(lastName(input));

/** One seed for all that draw at random, except for samplers that add no noise. */
export function findSeeds({ graph, shapes, live }: Scene): FoundParameter[] {
  const places = [...live].flatMap(([id, node]) => {
    const { inputs } = node;
    if (inputs.add_noise === 'disable' || inputs.add_noise === false) return [];
    return Object.keys(inputs).flatMap((input) => {
      if (!isSeed(input)) return [];
      const literal = literalAt(graph, shapes, { node: id, input });
      if (!literal || typeof literal.value !== 'number') return [];
      const max = widgetOf(shapes, node, input)?.max;
      return [{ ...literal, max: max ?? Number.MAX_SAFE_INTEGER }];
    });
  });
  const [first] = places;
  if (!first) return [];
  const max = Math.min(...places.map((one) => one.max));
  return [
    {
      name: 'seed',
      kind: 'seed',
      bindings: [...new Set(places.map(({ place }) => placeName(place)))],
      value: first.value,
      isRequired: false,
      ...(max < Number.MAX_SAFE_INTEGER && { range: [0, max] }),
    },
  ];
}
