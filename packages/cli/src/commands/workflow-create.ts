import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { recordedNodes } from '@heurist/graph-plan/from-editor';
import { checkPackageName } from '@heurist/graph-plan/package-name';
import { type PlanChoices, planGraph, readPlanned } from '@heurist/graph-plan/plan-graph';
import { planWorkflow, type WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import type { Terminal } from '../authoring/ask-plan.ts';
import { describeOption } from '../authoring/describe-plan.ts';
import { exampleInput } from '../authoring/example-input.ts';
import { packageFiles } from '../authoring/package-files.ts';
import { packageVersions } from '../authoring/package-versions.ts';
import { readBytes } from '../authoring/read-graph.ts';
import { serverNodes } from '../authoring/server-nodes.ts';
import type { StartDevNetwork } from '../network/local-network.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { printableJson } from '../output/printable-json.ts';
import { spellDev } from '../system/spelling.ts';

/** Options of `workflow create`. */
export interface WorkflowCreateOptions extends PlanChoices {
  name?: string;
  /** Default: the name. */
  out?: string;
  comfyui?: string;
  /** Print the plan, and write nothing. */
  json?: boolean;
  /** Ask nothing. */
  yes?: boolean;
  /** Run the graph once before anything is written, and ask nothing. */
  try?: boolean;
  /** `option=path`: files for the try. Default: examples. */
  tryInput?: string[];
}

/** What the command has besides its options. */
export interface CreateContext {
  known: readonly WorkflowDefinition[];
  startLocalNetwork?: StartDevNetwork | undefined;
  /** Where to ask. Default: this process's terminal, if it is one. */
  terminal?: Terminal | undefined;
}

/** Writes a workflow package for a graph, and prints what it chose. In a terminal, it asks first. */
export async function workflowCreate(
  file: string,
  options: WorkflowCreateOptions,
  context: CreateContext,
): Promise<void> {
  const { name, out = name, comfyui, json, yes = options.try } = options;
  checkTryFlags(options);
  if (name !== undefined) checkPackageName(name, context.known);
  if (out !== undefined) checkEmpty(resolve(out));
  const note = (text: string) => process.stderr.write(`note: ${text}\n`);
  const nodes = comfyui ? serverNodes(comfyui) : { ...recordedNodes, note };
  const planned = await readPlanned(readBytes(file), file, nodes);
  const found = planGraph(planned, options);
  if (json) return void process.stdout.write(`${printableJson(found)}\n`);
  const terminal = yes ? undefined : (context.terminal ?? ownTerminal());
  const chosen = terminal
    ? await (await import('./ask-workflow.ts')).askWorkflow(found, planned, { ...options, ...context, file }, terminal)
    : { plan: found, name: required(name) };
  if (!chosen) return void process.stdout.write('Nothing was created.\n');
  const plan = planWorkflow(chosen.name, planned.graph, context.known, planned.shapes, chosen.plan);
  if (options.try) {
    const { tryWorkflow } = await import('./try-workflow.ts');
    await tryWorkflow(plan, options.tryInput ?? [], { comfyui, startLocalNetwork: context.startLocalNetwork });
  }
  await write(plan, options.out ?? chosen.name);
}

function checkTryFlags({ json, try: tries, tryInput }: WorkflowCreateOptions): void {
  if (json && tries) throw new CommandError('--json only prints what would be created: leave out --try.');
  if (tryInput && !tries) throw new CommandError('--try-input needs --try.');
}

function required(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new CommandError('The package needs a name: pass --name, such as --name my-flow.');
}

function ownTerminal(): Terminal | undefined {
  return process.stdin.isTTY && process.stdout.isTTY ? {} : undefined;
}

async function write(plan: WorkflowPlan, out: string): Promise<void> {
  const folder = resolve(out);
  checkEmpty(folder);
  checkFolder(out, { flag: '--out', what: 'The package' });
  for (const [path, content] of Object.entries(await packageFiles(plan, packageVersions()))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  process.stdout.write(report(plan, folder));
}

function checkEmpty(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() && readdirSync(folder).length)
    throw new CommandError(`The folder ${folder} is not empty. Choose another one with --out.`);
}

function report(plan: WorkflowPlan, folder: string): string {
  const { parameters, outputs, makes, task_type, models, constants, dropped, notes, graph } = plan;
  const classOf = (id: string) => graph[id]!.class_type;
  const lines = parameters.map((parameter) => `  ${describeOption(parameter, graph)}`);
  const missing = models.filter(({ url }) => !url);
  return [
    `${folder}`,
    `Task type ${task_type}, makes ${/^[ai]/.test(makes) ? 'an' : 'a'} ${makes} at ${outputs.map((id) => `${id} (${classOf(id)})`).join(', ')}.`,
    parameters.length ? 'Options:' : 'No options: the graph always makes the same.',
    ...lines,
    ...(dropped.length ? [`Dropped, because no saved output depends on them: ${dropped.join(', ')}.`] : []),
    ...(constants.length ? [`Fixed to the graph's values: ${constants.join(', ')}.`] : []),
    ...notes.map(({ message }) => `Note: ${message}`),
    ...(models.length ? [`Models: ${models.map(({ folder, filename }) => `${folder}/${filename}`).join(', ')}.`] : []),
    ...(missing.length
      ? [
          `Add the url of ${missing.map(({ filename }) => filename).join(', ')} to src/definition.ts, so that miners can download it.`,
        ]
      : []),
    ...inputsToAdd(plan),
    '',
    'Next:',
    `  cd ${folder} && npm install && npm run build && npm test`,
    '  npm run test:workflow',
    `  ${spellDev()} --workflow ${folder}`,
    '',
  ].join('\n');
}

/** Inputs of the package's tests that cannot be made here. */
function inputsToAdd({ parameters }: WorkflowPlan): string[] {
  const kinds = new Set(parameters.flatMap(({ isRequired, file }) => (isRequired && file ? [file] : [])));
  return (['video', 'file'] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => `Put a ${kind} at ${exampleInput[kind].path}, for the test of the workflow.`);
}
