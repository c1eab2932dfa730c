import type { WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import type { Expectation, WorkflowTest } from '../testing/test-file-schema.ts';
import { exampleInput } from './example-input.ts';
import { exampleText } from './package-sources.ts';

/** Where editors find what a file of tests may hold, once the package is installed. */
const SCHEMA = './node_modules/@heurist/cli/workflow-tests.schema.json';

/** The tests that a created package begins with: one run with the least options. */
export function packageTests(plan: WorkflowPlan): { $schema: string; tests: WorkflowTest[] } {
  const { makes, parameters } = plan;
  const given = parameters.flatMap((parameter): [string, unknown][] => {
    const { name, isRequired, file } = parameter;
    if (isRequired) return [[name, file ? exampleInput[file].path : exampleText(parameter)]];
    // so that every run makes the same
    return name === 'seed' ? [[name, 1]] : [];
  });
  const name = `makes ${/^[ai]/.test(makes) ? 'an' : 'a'} ${makes}`;
  return { $schema: SCHEMA, tests: [{ name, parameters: Object.fromEntries(given), expect: expectationOf(plan) }] };
}

function expectationOf({ makes, graph, outputs }: WorkflowPlan): Expectation {
  const count = { min: 1 };
  // animated pictures, which workflows give out as videos
  const isAnimation = outputs.some((id) => /Animated/.test(graph[id]!.class_type));
  // of several pictures, some may be of one colour on purpose, such as masks
  const isOne = outputs.length === 1;
  if (makes === 'image' || isAnimation) return { count, kind: 'image', ...(isOne && { not_blank: true }) };
  if (makes === 'text') return { count, kind: 'text' };
  return makes === 'file' ? { count } : { count, kind: makes, media_seconds: { min: 0.1 } };
}
