import type { WorkflowDefinition } from './workflow-definition.ts';

/**
 * The definition that a submit asks for: the one with its workflow id, or else one of its task type that accepts its
 * parameters, so that clients that name no workflow reach the one that they mean. The first that a miner runs now, or else the
 * first.
 *
 * @param isServed - whether a miner runs a workflow now. Default: all count as run
 */
export function findDefinition(
  definitions: readonly WorkflowDefinition[],
  task_type: string,
  workflow_id: string | null | undefined,
  parameters: Record<string, unknown>,
  isServed: (workflow_id: string) => boolean = () => true,
): WorkflowDefinition | undefined {
  if (workflow_id) return definitions.find((definition) => definition.workflow_id === workflow_id);
  const family = definitions.filter((definition) => definition.task_type === task_type);
  let first: WorkflowDefinition | undefined;
  for (const definition of family) {
    if (!definition.parameters.safeParse(parameters).success) continue;
    if (isServed(definition.workflow_id)) return definition;
    first ??= definition;
  }
  return first ?? family[0];
}
