import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { optionName, type WorkflowDefinition } from '@heurist/core/definition';
import { invalid } from '../invalid.ts';
import type { FoundParameter } from '../workflow/found-parameter.ts';
import { placeName } from '../workflow/graph-walk.ts';
import { packageFiles } from '../workflow/package-files.ts';
import { planWorkflow, type WorkflowPlan } from '../workflow/plan-workflow.ts';
import { readGraph } from '../workflow/read-graph.ts';

/** The compiler that created packages are built with. */
const TYPESCRIPT = '^7.0.2';

/** Writes a workflow package from a graph, and prints what was chosen. */
export async function workflowCreate(
  file: string,
  { name, out = name }: { name: string; out?: string },
  known: readonly WorkflowDefinition[],
): Promise<void> {
  checkName(name, known);
  const folder = resolve(out);
  if (existsSync(folder) && readdirSync(folder).length)
    throw invalid(`The folder ${folder} is not empty. Choose another with --out.`);
  const plan = planWorkflow(name, await readGraph(file), known);
  const versions = { core: versionOf('@heurist/core'), zod: versionOf('zod'), typescript: TYPESCRIPT };
  for (const [path, content] of Object.entries(packageFiles(plan, versions))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  process.stdout.write(report(plan, folder));
}

function checkName(name: string, known: readonly WorkflowDefinition[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw invalid(`"${name}" is no name for a package. Use lower-case letters, digits and dashes, such as my-flow.`);
  if (known.some(({ workflow_id }) => workflow_id === name))
    throw invalid(`There is a workflow "${name}" already. Choose another name.`);
}

/** The version of a dependency that this command runs with, and later ones. */
function versionOf(dependency: string): string {
  const { version } = createRequire(import.meta.url)(`${dependency}/package.json`);
  return `^${version}`;
}

function report(plan: WorkflowPlan, folder: string): string {
  const { parameters, outputs, makes, task_type, models, constants, dropped, graph } = plan;
  const classOf = (id: string) => graph[id]!.class_type;
  const lines = parameters.map((parameter) => `  ${describe(parameter, classOf)}`);
  const missing = models.filter(({ url }) => !url);
  return [
    `${folder}`,
    `Task type ${task_type}; makes ${/^[ai]/.test(makes) ? 'an' : 'a'} ${makes} at ${outputs.map((id) => `${id} (${classOf(id)})`).join(', ')}.`,
    parameters.length ? 'Options:' : 'There is nothing to set: the graph always makes the same.',
    ...lines,
    ...(dropped.length ? [`Left out, since nothing is saved of it: ${dropped.join(', ')}.`] : []),
    ...(constants.length ? [`As in the graph: ${constants.join(', ')}.`] : []),
    ...(models.length ? [`Models: ${models.map(({ folder, filename }) => `${folder}/${filename}`).join(', ')}.`] : []),
    ...(missing.length
      ? [
          `Put the url of ${missing.map(({ filename }) => filename).join(', ')} into src/definition.ts, for miners that lack it.`,
        ]
      : []),
    '',
    'Next:',
    `  cd ${folder} && npm install && npm run build && npm test`,
    `  heurist dev --workflow ${folder}`,
    '',
  ].join('\n');
}

function describe(
  { name, file, bindings, value, isRequired }: FoundParameter,
  classOf: (id: string) => string,
): string {
  const places = bindings.map(placeName);
  const nodes = [...new Set(places.map((place) => classOf(place.slice(0, place.indexOf('.')))))];
  const option = optionName(name, file !== undefined).padEnd(18);
  const shown = JSON.stringify(value);
  const fallback = isRequired
    ? 'required'
    : name === 'seed'
      ? 'default: a fresh one'
      : `default ${shown.length > 50 ? `${shown.slice(0, 47)}..."` : shown}`;
  return `${option} ${places.join(', ')} (${nodes.join(', ')}); ${fallback}`;
}
