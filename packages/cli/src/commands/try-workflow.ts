import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { HeuristError } from '@heurist/core';
import { optionName, parameterName } from '@heurist/core/definition';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import type { WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import { exampleInput } from '../authoring/example-input.ts';
import { type TryPlace, tryPlan } from '../authoring/try-plan.ts';
import { CommandError } from '../output/command-error.ts';

/** Exit code if a graph was read, and its try failed. */
const TRY_FAILED = 3;

type FileOption = FoundParameter & Required<Pick<FoundParameter, 'file'>>;

/**
 * Runs a plan once before its package is written, and asks nothing.
 *
 * @param inputs - `option=path`; for other options that need a file, an example is made
 * @throws {CommandError} with exit code 3 if the run failed, and 1 if it could not begin because of `inputs`
 */
export async function tryWorkflow(plan: WorkflowPlan, inputs: readonly string[], place: TryPlace): Promise<void> {
  const given = givenFiles(plan, inputs);
  const folder = mkdtempSync(join(tmpdir(), 'heurist-try-'));
  try {
    const files = { ...(await examples(plan, given, folder)), ...given };
    await tryPlan(plan, files, place).catch((cause) => {
      if (!HeuristError.isInstance(cause) || cause.code === 'aborted') throw cause;
      const { message, code } = cause;
      throw new CommandError(`The try failed, and nothing was created. ${message}`, {
        code,
        cause,
        exitCode: TRY_FAILED,
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const fileOptions = ({ parameters }: WorkflowPlan) => parameters.filter((one): one is FileOption => !!one.file);

function givenFiles(plan: WorkflowPlan, inputs: readonly string[]): Record<string, string> {
  const names = fileOptions(plan).map(({ name }) => name);
  return Object.fromEntries(
    inputs.map((input) => {
      const [option = '', ...path] = input.split('=');
      const name = parameterName(option, true);
      if (!path.join('='))
        throw new CommandError(`--try-input "${input}" must be option=path, such as image=photo.png.`);
      if (names.includes(name)) return [name, path.join('=')];
      const known = names.map((one) => optionName(one, true)).join(', ') || 'none';
      throw new CommandError(`--try-input: "${option}" is not an option that takes a file. There are: ${known}.`);
    }),
  );
}

/** Files for the options that need one and have none. */
async function examples(
  plan: WorkflowPlan,
  given: Record<string, string>,
  folder: string,
): Promise<Record<string, string>> {
  const missing = fileOptions(plan).filter(({ name, isRequired }) => isRequired && !(name in given));
  const made = missing.map(async ({ name, file }) => {
    const bytes = await exampleInput[file].make();
    if (!bytes)
      throw new CommandError(`--try needs a ${file} for ${optionName(name, true)}: pass --try-input ${name}=PATH.`);
    const path = join(folder, basename(exampleInput[file].path));
    writeFileSync(path, bytes);
    return [name, path];
  });
  return Object.fromEntries(await Promise.all(made));
}
