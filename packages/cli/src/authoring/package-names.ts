import type { WorkflowPlan } from '@heurist/graph-plan/plan-workflow';

function camel(name: string): string {
  return name.replaceAll(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascal(name: string): string {
  return camel(`-${name}`);
}

/** Its task class. */
export const taskOf = ({ name }: WorkflowPlan) => `${pascal(name)}Task`;
/** The schema of its options. */
export const optionsOf = ({ name }: WorkflowPlan) => `${camel(name)}Options`;
/** The type of its output. */
export const outputOf = ({ name }: WorkflowPlan) => `${pascal(name)}Output`;
