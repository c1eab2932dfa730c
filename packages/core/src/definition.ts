// What workflow packages, miners and the CLI share about workflows. Apps do not need it.
export { bind, bindModels } from './bind.ts';
export type { ParameterDescription, ParametersDescription } from './describe-parameters.ts';
export { describeParameters } from './describe-parameters.ts';
export { rawWorkflow } from './raw-graph.ts';
export type {
  Binding,
  BindingSource,
  FamilyDefaults,
  FamilyMember,
  FileParameter,
  Graph,
  GraphLink,
  GraphNode,
  ModelRequirement,
  WorkflowDefinition,
  WorkflowSource,
} from './workflow-definition.ts';
export {
  comfyOrg,
  defineFamily,
  defineWorkflow,
  modelFile,
  unexplainedInputs,
  wireSchema,
} from './workflow-definition.ts';
export { checkParameters } from './workflow-task.ts';
