import {
  checkParameters,
  type Heurist,
  WorkflowTask,
  type WorkflowTaskOutput,
  type WorkflowTaskResult,
} from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';

/** A task of any workflow, from its definition: what the command runs. */
export class DefinitionTask extends WorkflowTask<WorkflowTaskOutput & { seed?: number }> {
  readonly #definition: WorkflowDefinition;
  readonly #parameters: Record<string, unknown>;

  /**
   * @param namesGraph - `false`: the network picks among the graphs of the type
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

/** Uploads every file parameter that is a local path. */
export async function uploadFiles(
  heurist: Heurist,
  { files }: WorkflowDefinition,
  parameters: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const uploaded = { ...parameters };
  for (const name of Object.keys(files)) {
    const value = parameters[name];
    if (typeof value === 'string' && !/^https?:\/\//.test(value))
      uploaded[name] = await heurist.workflow.uploadFile(value);
  }
  return uploaded;
}
