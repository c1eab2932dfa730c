// Definitions of workflows, for workflow packages, miners and commands. Apps do not need it.
export { bind, bindModels } from './definition/bind.ts';
export type { ParameterDescription, ParametersDescription } from './definition/describe-parameters.ts';
export { describeParameters } from './definition/describe-parameters.ts';
export type { FamilyDefaults, FamilyMember, WorkflowFamily } from './definition/family.ts';
export { defineFamily, defineWorkflowFamily } from './definition/family.ts';
export { comfyOrg, modelFile } from './definition/model-file.ts';
export { hasFixedModels, modelKeyOf } from './definition/model-key.ts';
export { RAW_FILE_BYTES, rawWorkflow } from './definition/raw-workflow.ts';
export { wireSchema } from './definition/wire-schema.ts';
export type {
  Binding,
  BindingSource,
  FileParameter,
  Graph,
  GraphLink,
  GraphNode,
  ModelRequirement,
  WorkflowDefinition,
  WorkflowSource,
} from './definition/workflow-definition.ts';
export { defineWorkflow, unexplainedInputs } from './definition/workflow-definition.ts';
export { optionName, parameterName } from './task/option-names.ts';
export { checkParameters } from './task/workflow-task.ts';
