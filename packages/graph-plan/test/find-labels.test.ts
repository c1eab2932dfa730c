import type { Graph } from '@heurist/core/definition';
import { recordedShapes } from '@heurist/ui-graph/recorded-shapes';
import { describe, expect, test } from 'vitest';
import type { GraphPlan } from '../src/find/graph-plan.ts';
import { findPlan } from '../src/find-plan.ts';
import { placeName } from '../src/graph-walk.ts';
import { draw, type Label, readGraphs, readLabels } from './labelled-graphs.ts';

// Graphs that were drawn by a seed and labelled by hand: what is found must be what a person would set. Held-out labels were made
// after the rules.

const shapes = await recordedShapes();
const graphs = readGraphs(shapes);
const sets = { drawn: readLabels('drawn'), 'held-out': readLabels('held-out'), 'held-out-2': readLabels('held-out-2') };

type Role = keyof Label;

/** Whether a plan has a labelled place, and in its role. */
function has({ options, outputs }: GraphPlan, role: Role, place: string): boolean {
  if (role === 'outputs') return outputs.some(({ node }) => node === place);
  const option = options.find(({ bindings }) => bindings.some((binding) => placeName(binding) === place));
  if (!option) return false;
  if (role === 'seed') return option.kind === 'seed';
  if (role === 'files') return option.kind === 'file';
  if (role === 'size') return true;
  return option.name.startsWith('negative') === (role === 'negative');
}

/** What a plan has that no label names: outputs, and options of the kinds that are labelled. */
function extra({ options, outputs }: GraphPlan, label: Label): string[] {
  const labelled = new Set(Object.values(label).flat());
  const counted = options.filter(({ kind }) => /^(prompt|negative_prompt|seed|file|side)$/.test(kind));
  const found = [...outputs.map(({ node }) => node), ...counted.flatMap(({ bindings }) => bindings.map(placeName))];
  return found.filter((place) => !labelled.has(place));
}

describe.each(Object.entries(sets))('%s', (_, labels) => {
  const plans = Object.entries(labels).map(([name, label]) => ({
    name,
    label,
    plan: findPlan(graphs[name] as Graph, shapes),
  }));
  const all = plans.flatMap(({ name, label, plan }) =>
    Object.entries(label).flatMap(([role, places]) =>
      places.map((place) => ({ at: `${name} ${role} ${place}`, isFound: has(plan, role as Role, place) })),
    ),
  );
  const missed = all.filter(({ isFound }) => !isFound).map(({ at }) => at);

  test('98 of 100 labels are found', () => {
    expect(1 - missed.length / all.length, missed.join('\n')).toBeGreaterThanOrEqual(0.98);
  });

  test('what is found besides is rare', () => {
    const extras = plans.flatMap(({ name, label, plan }) => extra(plan, label).map((place) => `${name} ${place}`));
    expect(extras.length / all.length, extras.join('\n')).toBeLessThanOrEqual(0.02);
  });
});

test('the graphs were drawn, not chosen', () => {
  const names = Object.keys(graphs);
  const drawn = draw(names, 100, 1);
  const others = names.filter((name) => !drawn.includes(name));
  const heldOut = draw(others, 30, 2);
  const heldOut2 = draw(
    others.filter((name) => !heldOut.includes(name)),
    30,
    3,
  );
  const labelled = Object.values(sets).map((labels) => Object.keys(labels).toSorted());
  expect(labelled).toEqual([drawn, heldOut, heldOut2].map((list) => list.toSorted()));
});
