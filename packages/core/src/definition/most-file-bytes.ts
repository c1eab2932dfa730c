import { RAW_FILE_BYTES, rawWorkflow } from './raw-workflow.ts';
import type { WorkflowDefinition } from './workflow-definition.ts';

/** What a file is for: a parameter of a task, as its `task_create` will name it. */
interface FileUse {
  task_type?: string | null | undefined;
  workflow_id?: string | null | undefined;
  parameter?: string | null | undefined;
}

/**
 * Size of the largest file that any of these workflows takes, in bytes; `undefined` if none takes a file.
 *
 * @param use - with a parameter that is known: the largest file that it takes
 */
export function mostFileBytes(workflows: readonly WorkflowDefinition[], use: FileUse = {}): number | undefined {
  const named = use.parameter == null ? [] : sizesOf(workflows.filter(isMeant(use)), use.parameter);
  const sizes = named.length ? named : sizesOf(workflows);
  return sizes.length ? Math.max(...sizes) : undefined;
}

const isMeant =
  ({ task_type, workflow_id }: FileUse) =>
  (one: WorkflowDefinition): boolean =>
    workflow_id == null ? one.task_type === task_type : one.workflow_id === workflow_id;

function sizesOf(workflows: readonly WorkflowDefinition[], parameter?: string): number[] {
  return workflows.flatMap(({ task_type, files }) => {
    if (task_type === rawWorkflow.task_type) return [RAW_FILE_BYTES];
    const taken = Object.entries(files).filter(([name]) => parameter === undefined || name === parameter);
    return taken.map(([, { max_bytes }]) => max_bytes);
  });
}
