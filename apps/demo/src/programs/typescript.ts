import type { FamilyInfo, OptionValue } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import {
  fileNameOf,
  isInsecure,
  type OutputRef,
  type ProgramStep,
  parameterOf,
  readsOf,
  type WriteProgram,
} from './program-step.ts';

/** Writes the TypeScript program that composes the packages. */
export const writeTypeScript: WriteProgram = (steps, networkUrl) => {
  const names = new Map(steps.map(({ task_id }, index) => [task_id, nameOf(index, steps.length)]));
  const packages = [...new Map(steps.map(({ info }) => [info.package, info])).values()];
  const imports = packages
    .toSorted((a, b) => a.package.localeCompare(b.package))
    .map(({ task, package: from }) => `import { ${task} } from '${from}';`);
  const body = steps.flatMap((step) => writeStep(step, steps, names));
  const insecure = isInsecure(networkUrl) ? ', allowInsecureHttp: true' : '';
  const last = steps.at(-1)!;
  const reads = readsOf(steps);
  return `// npm install ${['@heurist/core', ...packages.map((info) => info.package)].join(' ')}${reads ? `\n// ${reads}` : ''}
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
${imports.join('\n')}

// your key is in HEURIST_API_KEY
const heurist = new Heurist({ workflowURL: ${literal(networkUrl)}${insecure} });
${body.join('\n')}
console.log(await saveOutput(result.${last.info.makes}, ${literal(fileNameOf(last))}));
`;
};

function nameOf(index: number, count: number): string {
  if (index === count - 1) return 'result';
  return index === 0 ? 'first' : `step${index + 1}`;
}

function writeStep(step: ProgramStep, steps: readonly ProgramStep[], names: ReadonlyMap<string, string>): string[] {
  const { task_id, info, workflow_id, options } = step;
  const name = names.get(task_id)!;
  const uploads: string[] = [];
  const entries = Object.entries(options).map(([option, value]) => {
    if (!isFile(value)) return `${option}: ${literal(value)}`;
    if ('task_id' in value) return `${option}: ${outputOf(value, steps, names)}`;
    const variable = name + capitalized(parameterOf(step, option));
    uploads.push(`const ${variable} = await heurist.workflow.uploadFile(${literal(value.name)});`);
    return `${option}: ${variable}`;
  });
  if (info.workflows.length > 1) entries.unshift(`workflow_id: ${literal(workflow_id)}`);
  return [...uploads, writeRun(name, info, entries)];
}

function writeRun(name: string, { task, makes }: FamilyInfo, entries: readonly string[]): string {
  // models of video and sound take long
  const wait = makes === 'image' ? '' : ', { timeout: 3_600_000 }';
  const write = (given: string) => `const ${name} = await heurist.workflow.run(new ${task}(${given})${wait});`;
  const oneLine = write(`{ ${entries.join(', ')} }`);
  return oneLine.length <= 100 ? oneLine : write(`{\n${entries.map((entry) => `  ${entry},\n`).join('')}}`);
}

/** `control_image` -> `ControlImage`. */
const capitalized = (name: string) =>
  name.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function outputOf(
  { task_id, output }: OutputRef,
  steps: readonly ProgramStep[],
  names: ReadonlyMap<string, string>,
): string {
  const makes = steps.find((step) => step.task_id === task_id)?.info.makes;
  return output === 0 ? `${names.get(task_id)}.${makes}.url` : `${names.get(task_id)}.outputs[${output}]!.url`;
}

/** As a person would write it: single quotes. */
function literal(value: Exclude<OptionValue, object>): string {
  if (typeof value === 'number') return String(value);
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
