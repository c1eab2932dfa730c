import { describeParameters, type WorkflowDefinition } from '@heurist/core/definition';

/** OpenAPI allows only letters, digits, dots, dashes and underscores in component names; workflow ids may have others. */
export function schemaName({ workflow_id }: WorkflowDefinition): string {
  return `parameters-${workflow_id.replaceAll(/[^\w.-]/g, '_')}`;
}

/** The schema of `task_details.parameters` of a workflow. */
export function parametersSchema(definition: WorkflowDefinition) {
  const { title, workflow_id, task_type } = definition;
  return {
    title,
    description: `workflow_id ${workflow_id}, task_type ${task_type}`,
    ...describeParameters(definition),
  };
}
