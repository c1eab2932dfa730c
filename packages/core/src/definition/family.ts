import { type IdOf, type OptionsSchema, pickSchema } from '../task/schema-task.ts';
import type { WorkflowTask } from '../task/workflow-task.ts';
import { HeuristError } from '../wire/errors.ts';
import { wireSchema } from './wire-schema.ts';
import {
  defineWorkflow,
  type ModelRequirement,
  type WorkflowDefinition,
  type WorkflowSource,
} from './workflow-definition.ts';

/** What all graphs of a package have in common. */
export type FamilyDefaults = Pick<WorkflowSource, 'task_type' | 'files' | 'outputs'>;

/** One graph of a package: what it does not have in common with the others. */
export interface FamilyMember<Id extends string>
  extends Pick<
    WorkflowSource,
    'title' | 'graph' | 'bindings' | 'constants' | 'max_run_seconds' | 'max_stalled_seconds'
  > {
  workflow_id: Id;
  models: ModelRequirement[];
}

/**
 * Creates the definitions of a package that has several graphs.
 *
 * @param schemas - workflow id -> schema of the options
 * @param shared - what all graphs have in common
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

/** Describes a workflow package. Commands, pages and tables are made from it. */
export interface WorkflowFamily {
  /** Name of the package without its scope, such as `text2image`. */
  readonly name: string;
  /** Shown to people, such as `Upscale`. */
  readonly title: string;
  /** What its tasks produce: the name of the first output in their result. */
  readonly makes: 'image' | 'video' | 'audio';
  /** Class of its tasks. */
  readonly Task: new (
    options: never,
  ) => WorkflowTask;
  /** Its graphs, the default first. */
  readonly definitions: readonly WorkflowDefinition[];
  /**
   * Its place among other families, lowest first. Among families of one task type, the first has the graph that runs when
   * a task names none.
   */
  readonly order: number;
  /** Workflow id of the graph whose options the task class takes when no `workflow_id` is given. */
  readonly defaultId: string;
  /** Workflow id of the graph that needs no GPU. Absent if every graph needs one. */
  readonly cpuId?: string;
}

/**
 * How long a run of a workflow may take, by what it makes, unless its definition says otherwise: far more than the slowest GPU
 * needs for its largest task, models loaded from a slow disk included.
 */
const RUN_BOUNDS: Record<
  WorkflowFamily['makes'],
  Required<Pick<WorkflowDefinition, 'max_run_seconds' | 'max_stalled_seconds'>>
> = {
  image: { max_run_seconds: 5400, max_stalled_seconds: 2700 },
  audio: { max_run_seconds: 5400, max_stalled_seconds: 2700 },
  video: { max_run_seconds: 28_800, max_stalled_seconds: 7200 },
};

/**
 * Checks a family and completes its definitions: a run may take 90 minutes, 45 of them without progress, or for videos 8 hours
 * and 2, unless a definition sets `max_run_seconds` or `max_stalled_seconds` itself.
 *
 * @throws {HeuristError} `invalid_configuration` if the name is not in kebab-case, or the default or CPU graph is not
 * among the definitions
 */
export function defineWorkflowFamily(family: WorkflowFamily): WorkflowFamily {
  const { name, definitions, defaultId, cpuId = defaultId } = family;
  const invalid = (message: string) =>
    new HeuristError(`Family ${name}: ${message}.`, { code: 'invalid_configuration' });
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw invalid('the name must be in kebab-case, such as `my-flow`');
  const ids = definitions.map(({ workflow_id }) => workflow_id);
  for (const id of [defaultId, cpuId])
    if (!ids.includes(id)) throw invalid(`there is no workflow "${id}" (known: ${ids.join(', ') || 'none'})`);
  if (ids[0] !== defaultId) throw invalid(`the default "${defaultId}" must be the first of its definitions`);
  const bounds = RUN_BOUNDS[family.makes];
  return { ...family, definitions: definitions.map((definition) => ({ ...bounds, ...definition })) };
}
