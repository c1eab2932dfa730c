import { type IdOf, type OptionsSchema, pickSchema } from '../task/schema-task.ts';
import { wireSchema } from './wire-schema.ts';
import {
  defineWorkflow,
  type ModelRequirement,
  type WorkflowDefinition,
  type WorkflowSource,
} from './workflow-definition.ts';

/** What the graphs of one package share. */
export type FamilyDefaults = Pick<WorkflowSource, 'task_type' | 'files' | 'outputs'>;

/** A graph of a package that has several: what it does not share with the others. */
export interface FamilyMember<Id extends string>
  extends Pick<WorkflowSource, 'title' | 'graph' | 'bindings' | 'constants'> {
  workflow_id: Id;
  models: ModelRequirement[];
}

/**
 * The definitions of a package that has several graphs.
 *
 * @param schemas - workflow id -> schema of the options
 * @param shared - what all graphs have
 * @param members - the graphs, the default first
 * @throws {HeuristError} as {@link defineWorkflow} does
 */
export function defineFamily<Schemas extends Record<string, OptionsSchema>>(
  schemas: Schemas,
  shared: FamilyDefaults,
  members: FamilyMember<IdOf<keyof Schemas>>[],
): WorkflowDefinition[] {
  return members.map(({ models, ...member }) =>
    defineWorkflow({
      ...shared,
      ...member,
      parameters: wireSchema(pickSchema(schemas, member.workflow_id)),
      requirements: { models },
    }),
  );
}
