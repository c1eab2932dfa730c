import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { optionName, type WorkflowDefinition } from '@heurist/core/definition';
import { exampleInput } from '../authoring/example-input.ts';
import type { FoundParameter } from '../authoring/found-parameter.ts';
import { recordedNodes, serverNodes } from '../authoring/from-editor.ts';
import { placeName } from '../authoring/graph-walk.ts';
import { packageFiles } from '../authoring/package-files.ts';
import { packageVersions } from '../authoring/package-versions.ts';
import { planWorkflow, type WorkflowPlan } from '../authoring/plan-workflow.ts';
import { readGraph } from '../authoring/read-graph.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { spellDev } from '../system/spelling.ts';

/** Writes a workflow package for a graph, and prints what it chose. */
export async function workflowCreate(
  file: string,
  { name, out = name, comfyui }: { name: string; out?: string; comfyui?: string },
  known: readonly WorkflowDefinition[],
): Promise<void> {
  checkName(name, known);
  const folder = resolve(out);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() && readdirSync(folder).length)
    throw new CommandError(`The folder ${folder} is not empty. Choose another one with --out.`);
  const plan = planWorkflow(name, await readGraph(file, comfyui ? serverNodes(comfyui) : recordedNodes), known);
  checkFolder(out, { flag: '--out', what: 'The package' });
  for (const [path, content] of Object.entries(await packageFiles(plan, packageVersions()))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  process.stdout.write(report(plan, folder));
}

function checkName(name: string, known: readonly WorkflowDefinition[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new CommandError(
      `"${name}" is not a valid package name. Use lower-case letters, digits and dashes, such as my-flow.`,
    );
  if (known.some(({ workflow_id }) => workflow_id === name))
    throw new CommandError(`A workflow "${name}" already exists. Choose another name.`);
}

function report(plan: WorkflowPlan, folder: string): string {
  const { parameters, outputs, makes, task_type, models, constants, dropped, graph } = plan;
  const classOf = (id: string) => graph[id]!.class_type;
  const lines = parameters.map((parameter) => `  ${describe(parameter, classOf)}`);
  const missing = models.filter(({ url }) => !url);
  return [
    `${folder}`,
    `Task type ${task_type}, makes ${/^[ai]/.test(makes) ? 'an' : 'a'} ${makes} at ${outputs.map((id) => `${id} (${classOf(id)})`).join(', ')}.`,
    parameters.length ? 'Options:' : 'No options: the graph always makes the same.',
    ...lines,
    ...(dropped.length ? [`Dropped, because no saved output depends on them: ${dropped.join(', ')}.`] : []),
    ...(constants.length ? [`Fixed to the graph's values: ${constants.join(', ')}.`] : []),
    ...(models.length ? [`Models: ${models.map(({ folder, filename }) => `${folder}/${filename}`).join(', ')}.`] : []),
    ...(missing.length
      ? [
          `Add the url of ${missing.map(({ filename }) => filename).join(', ')} to src/definition.ts, so that miners can download it.`,
        ]
      : []),
    ...(parameters.some(({ isRequired, file }) => isRequired && file === 'video')
      ? [`Put a video at ${exampleInput.video.path}, for the test of the workflow.`]
      : []),
    '',
    'Next:',
    `  cd ${folder} && npm install && npm run build && npm test`,
    '  npm run test:workflow',
    `  ${spellDev()} --workflow ${folder}`,
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
      ? 'random by default'
      : `default ${shown.length > 50 ? `${shown.slice(0, 47)}..."` : shown}`;
  return `${option} ${places.join(', ')} (${nodes.join(', ')}); ${fallback}`;
}
