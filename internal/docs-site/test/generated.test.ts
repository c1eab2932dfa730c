// Pages that are written by the code they describe: `npm run readme` writes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram, workflows } from '@heurist/cli';
import { readPages } from '@heurist/docs/pages';
import { expect, test } from 'vitest';
import { ofTasks } from '../src/generated/advice.ts';
import { cliPage } from '../src/generated/cli-page.ts';
import { costs } from '../src/generated/costs.ts';
import { drawGraph } from '../src/generated/draw-graph.ts';
import { errorsPage } from '../src/generated/errors-page.ts';
import { families } from '../src/generated/families.ts';
import { workflowPage } from '../src/generated/workflow-page.ts';
import { workflowsPage } from '../src/generated/workflows-page.ts';
import { root } from '../src/paths.ts';

const docs = '../../../docs';
const pages = readPages();

test.each(families)('the page of $name', async (family) => {
  const readme = pages.get(`packages/workflows/${family.name}/README.md`)!;
  await expect(workflowPage(family, readme)).toMatchFileSnapshot(`${docs}/workflows/${family.name}.md`);
});

test.each(families.flatMap(({ definitions }) => definitions))('the drawing of $workflow_id', async (definition) => {
  const drawing = drawGraph(definition);
  await expect(drawing).toMatchFileSnapshot(`${docs}/workflows/graphs/${definition.workflow_id}.svg`);
});

test('what graphs take is told of graphs that there are', () => {
  const ids = families.flatMap(({ definitions }) => definitions.map(({ workflow_id }) => workflow_id));
  expect(Object.keys(costs).filter((id) => !ids.includes(id))).toEqual([]);
});

test('the list of workflows', async () => {
  await expect(workflowsPage(families)).toMatchFileSnapshot(`${docs}/workflows/README.md`);
});

test('every workflow of the command has a page', () => {
  expect(families.flatMap(({ definitions }) => definitions).toSorted(byId)).toEqual(workflows.toSorted(byId));
});

test('every error code', async () => {
  await expect(errorsPage()).toMatchFileSnapshot(`${docs}/guides/errors.md`);
});

test('every code with which tasks fail has advice', () => {
  const source = readFileSync(join(root, 'packages/network/sequencer/src/metrics/failure-codes.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}'(\w+)',$/gm)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(15);
  expect(Object.keys(ofTasks).toSorted()).toEqual(codes.toSorted());
});

test('every command and flag', async () => {
  await expect(cliPage(createProgram(workflows))).toMatchFileSnapshot(`${docs}/cli.md`);
});

const byId = (a: { workflow_id: string }, b: { workflow_id: string }) => a.workflow_id.localeCompare(b.workflow_id);
