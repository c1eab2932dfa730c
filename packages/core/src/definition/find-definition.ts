import type { WorkflowDefinition } from './workflow-definition.ts';

/**
 * The definition that a submit asks for: the one with its workflow id, or else the first of its task type that accepts its
 * parameters, so that clients that name no workflow reach the one that they mean.
 */
export function findDefinition(
  definitions: readonly WorkflowDefinition[],
  task_type: string,
  workflow_id: string | null | undefined,
  parameters: Record<string, unknown>,
): WorkflowDefinition | undefined {
  if (workflow_id) return definitions.find((definition) => definition.workflow_id === workflow_id);
  const family = definitions.filter((definition) => definition.task_type === task_type);
  return family.find((definition) => definition.parameters.safeParse(parameters).success) ?? family[0];
}
