import type { Graph } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import { checkGraphSize } from './graph-size.ts';

/** Nodes by the names of those that they read. */
const graphOf = (links: Record<string, string[]>): Graph =>
  Object.fromEntries(
    Object.entries(links).map(([id, sources]) => [
      id,
      { class_type: 'X', inputs: Object.fromEntries(sources.map((source, index) => [`i${index}`, [source, 0]])) },
    ]),
  );
const chain = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, index ? [`n${index - 1}`] : []]));

test.each<[what: string, links: Record<string, string[]>]>([
  ['950 in a row', chain(950)],
  ['a node twice', { a: ['b', 'b'], b: [] }],
  [
    'a diamond of diamonds',
    {
      ...Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`d${i}`, i > 1 ? [`d${i - 1}`, `d${i - 2}`] : []])),
    },
  ],
  ['cycles', { a: ['b', 'a'], b: ['a', 'c'], c: ['b'] }],
  ['a long cycle, which the validator names', { ...chain(900), n0: ['n899'] }],
  ['200,000 inputs', { a: Array(200_000).fill('b') as string[], b: [] }],
  ['links to nowhere', { a: ['x', '__proto__', 'constructor'] }],
])('%s: not too large', (_, links) => {
  expect(checkGraphSize(graphOf(links))).toBeUndefined();
});

test.each<[what: string, links: Record<string, string[]>]>([
  ['951 in a row', chain(951)],
  ['5000 in a row', chain(5000)],
  ['found from its end', Object.fromEntries(Object.entries(chain(951)).toReversed())],
  ['beside a shorter way', { end: ['n5', 'n949'], ...chain(950) }],
])('%s: too many in a row', (_, links) => {
  expect(checkGraphSize(graphOf(links))?.message).toContain('more than 950 nodes depend on each other in a row');
});

test('nodes without what they need are left to others', () => {
  expect(checkGraphSize({ a: null, b: 5, c: {}, d: { inputs: null }, e: { inputs: 'x' } } as never)).toBeUndefined();
  expect(checkGraphSize({} as never)).toBeUndefined();
});

test('20,001 nodes, or 101 levels, are too many', () => {
  const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`n${index}`, []]));
  expect(checkGraphSize(graphOf(many))?.message).toContain('has 20001 nodes: 20000 are the limit');
  const nested = JSON.parse(`{"a":{"class_type":"X","inputs":{"x":${'['.repeat(98)}${']'.repeat(98)}}}}`) as Graph;
  expect(checkGraphSize(nested)?.message).toContain('nested more than 100 levels');
});
