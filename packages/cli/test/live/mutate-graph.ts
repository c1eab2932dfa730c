import type { Graph } from '@heurist/core/definition';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is put where something else was. */
const oddValues = [
  null,
  'nonsense',
  '',
  '12',
  5,
  1e15,
  -7,
  2.75,
  true,
  { a: 1 },
  [1],
  [1, 2, 3],
  { __value__: [1, 2] },
];

/** Spoils one thing in a copy of a graph. Says what. */
export function mutateGraph(graph: Graph, random: () => number): { graph: Graph; what: string } {
  const spoiled = structuredClone(graph);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const id = pick(Object.keys(spoiled));
  const { inputs } = spoiled[id]!;
  const input = pick(Object.keys(inputs));
  const other = pick(Object.keys(spoiled));
  const actions: Record<string, () => void> = {
    'delete node': () => delete spoiled[id],
    'delete input': () => delete inputs[input],
    'link to another': () => Object.assign(inputs, { [input]: [other, 0] }),
    'link to no output': () => Object.assign(inputs, { [input]: [other, 7] }),
    'link from the end': () => Object.assign(inputs, { [input]: [other, -1] }),
    'link to nothing': () => Object.assign(inputs, { [input]: ['nowhere', 0] }),
  };
  const what = random() < 0.5 ? pick(Object.keys(actions)) : 'odd value';
  if (what === 'odd value') inputs[input] = structuredClone(pick(oddValues));
  else actions[what]!();
  return { graph: spoiled, what: `${what}: ${id}.${input}` };
}
