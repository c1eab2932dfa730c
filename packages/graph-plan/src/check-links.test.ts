import type { Graph } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import { checkLinks } from './check-links.ts';

/** Node -> the nodes that are linked into it. */
const graphOf = (links: Record<string, string[]>): Graph =>
  Object.fromEntries(
    Object.entries(links).map(([id, sources]) => [
      id,
      { class_type: 'Join', inputs: Object.fromEntries(sources.map((source, index) => [`in${index}`, [source, 0]])) },
    ]),
  );

test('links that lead forward are fine, also many to one', () => {
  checkLinks(graphOf({ a: [], b: ['a', 'a'], c: ['b', 'a'], d: ['c', 'b'] }));
});

test.each(['z', 'constructor', '__proto__'])('a link to node %s, which is not there', (id) => {
  expect(() => checkLinks(graphOf({ a: [id] }))).toThrow(
    `The graph links to nodes that it does not contain: in0 of node a (Join) to node ${id}. Connect them in ComfyUI`,
  );
});

test.each<[links: Record<string, string[]>, circle: string]>([
  [{ a: ['a'] }, 'a (Join) -> a (Join)'],
  [{ a: [], b: ['a', 'd'], c: ['b'], d: ['c'], e: ['d'] }, 'b (Join) -> c (Join) -> d (Join) -> b (Join)'],
])('a circle, in the order of its links: %j', (links, circle) => {
  expect(() => checkLinks(graphOf(links))).toThrow(`in a circle, which ComfyUI refuses: ${circle}. Cut one of these`);
});
