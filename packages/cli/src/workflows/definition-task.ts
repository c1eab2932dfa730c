import { statSync } from 'node:fs';
import {
  checkParameters,
  type Heurist,
  type RequestOptions,
  WorkflowTask,
  type WorkflowTaskOutput,
  type WorkflowTaskResult,
} from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { CommandError } from '../output/command-error.ts';

/** A task of any workflow, made from its definition. */
export class DefinitionTask extends WorkflowTask<WorkflowTaskOutput & { seed?: number }> {
  readonly #definition: WorkflowDefinition;
  readonly #parameters: Record<string, unknown>;

  /**
   * @param namesGraph - `false`: the network picks a graph of the task type
   * @throws {HeuristError} `invalid_parameters`
   */
  constructor(definition: WorkflowDefinition, parameters: Record<string, unknown>, { namesGraph = true } = {}) {
    super({ workflow_id: namesGraph ? definition.workflow_id : undefined });
    this.#definition = definition;
    this.#parameters = parameters;
    checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
  }

  get task_type() {
    return this.#definition.task_type;
  }

  get task_details() {
    return { parameters: this.#parameters };
  }

  override parseOutput(result: WorkflowTaskResult) {
    const seed = result.parameters?.seed;
    return { ...super.parseOutput(result), ...(typeof seed === 'number' && { seed }) };
  }
}

/** Whether a value of a file option is an address, and not a path. */
export const isUrl = (value: unknown) => typeof value === 'string' && /^https?:\/\//.test(value);

/**
 * Checks the values of the flags before anything is uploaded.
 *
 * @throws {CommandError} with every problem in one line, each naming its flag
 */
export function checkFlags(definition: WorkflowDefinition, given: Record<string, unknown>): void {
  checkAddresses(definition, given);
  const problems = parameterIssues(definition, given).map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${definition.workflow_id} has no option --${issue.keys?.join(', --')}`
      : `--${issue.path.join('.')} ${issue.message}`,
  );
  if (!problems.length) return;
  throw new CommandError(`${problems.join('; ')}.`, { code: 'invalid_parameters' });
}

/** What begins like an address is no path. */
function checkAddresses({ files }: WorkflowDefinition, given: Record<string, unknown>): void {
  for (const name of Object.keys(files)) {
    const value = given[name];
    if (typeof value !== 'string' || !/^[a-z][\w+.-]*:\/\//i.test(value) || (isUrl(value) && URL.canParse(value)))
      continue;
    throw new CommandError(
      `--${name} "${value}" is not an http(s) address. Pass a full address, or the path of a file.`,
      {
        code: 'invalid_parameters',
      },
    );
  }
}

/** What a workflow has against the values of its flags. */
export function parameterIssues({ parameters, files }: WorkflowDefinition, given: Record<string, unknown>) {
  // local files get their address later
  const withUrls = Object.entries(given).map(([name, value]) => [name, files[name] ? 'https://localhost/' : value]);
  return parameters.safeParse(Object.fromEntries(withUrls)).error?.issues ?? [];
}

/** The files that were given as URLs, as flags: `--image https://...`. */
export function urlInputs({ files }: WorkflowDefinition, given: Record<string, unknown>): string[] {
  return Object.keys(files)
    .filter((name) => isUrl(given[name]))
    .map((name) => `--${name} ${given[name]}`);
}

/** Uploads every file that is a local path. */
export async function uploadFiles(
  heurist: Heurist,
  { files }: WorkflowDefinition,
  parameters: Record<string, unknown>,
  options: RequestOptions = {},
): Promise<Record<string, unknown>> {
  const uploaded = { ...parameters };
  for (const [name, { max_bytes }] of Object.entries(files)) {
    const value = parameters[name];
    if (typeof value !== 'string' || isUrl(value)) continue;
    checkSize(name, value, max_bytes);
    uploaded[name] = await heurist.workflow.uploadFile(value, options);
  }
  return uploaded;
}

/** What a miner would refuse is not sent. What is no file is told by the upload. */
function checkSize(name: string, path: string, max_bytes: number): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes <= max_bytes) return;
  throw new CommandError(
    `--${name} "${path}" has ${bytes} bytes, more than the ${max_bytes} that the workflow takes.`,
    {
      code: 'invalid_input',
    },
  );
}
