// What workflow packages, miners and the CLI share about workflows. Apps do not need it.
export type {
  Binding,
  FileParameter,
  Graph,
  GraphLink,
  GraphNode,
  ModelRequirement,
  WorkflowDefinition,
} from './workflow-definition.ts';
export { bind, bindModels, defineWorkflow } from './workflow-definition.ts';
export { checkParameters } from './workflow-task.ts';
