import type { WorkflowDefinition } from './workflow-definition.ts';

/**
 * The definition that a submit asks for: the one with its workflow id, or else one of its task type that accepts its
 * parameters, so that clients that name no workflow reach the one that they mean. If none accepts them, the first, which says
 * what is wrong.
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
  const takes = (definition: WorkflowDefinition) => definition.parameters.safeParse(parameters).success;
  return pickDefinition(family, takes, isServed) ?? family[0];
}

/**
 * The rule for a task that names no workflow: the first that takes it and that a miner runs now, or else the first that takes it.
 *
 * @param definitions - of one task type, in order
 */
export function pickDefinition(
  definitions: readonly WorkflowDefinition[],
  takes: (definition: WorkflowDefinition) => boolean,
  isServed: (workflow_id: string) => boolean,
): WorkflowDefinition | undefined {
  let first: WorkflowDefinition | undefined;
  for (const definition of definitions) {
    if (!takes(definition)) continue;
    if (isServed(definition.workflow_id)) return definition;
    first ??= definition;
  }
  return first;
}
