import { RAW_FILE_BYTES, rawWorkflow } from './raw-workflow.ts';
import type { WorkflowDefinition } from './workflow-definition.ts';

/** Size of the largest file that any of these workflows takes, in bytes; `undefined` if none takes a file. */
export function mostFileBytes(workflows: readonly WorkflowDefinition[]): number | undefined {
  const sizes = workflows.flatMap(({ task_type, files }) =>
    task_type === rawWorkflow.task_type ? RAW_FILE_BYTES : Object.values(files).map(({ max_bytes }) => max_bytes),
  );
  return sizes.length ? Math.max(...sizes) : undefined;
}
