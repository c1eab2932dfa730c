import type * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';
import type { TaskOutput, WorkflowTaskResult } from '../wire/task-result.ts';
import { parameterNames } from './option-names.ts';
import { checkParameters, WorkflowTask, type WorkflowTaskOptions, type WorkflowTaskOutput } from './workflow-task.ts';

/** The schema of a graph's options: `z.strictObject({ ... })`. */
export type OptionsSchema = z.ZodMiniObject;

/** What a task makes that begins with chance. */
export interface SeededOutput extends WorkflowTaskOutput {
  /** The seed that was used. Give it again for the same result. `undefined` where the sequencer does not tell. */
  seed: number | undefined;
}

type Keys<Union> = Union extends unknown ? keyof Union : never;
type GraphOptions<Schema> = Schema extends z.ZodMiniType<unknown, infer Options> ? Options : never;
/** A workflow id is text, also where it is a number by its looks. */
export type IdOf<Key> = Key extends string | number ? `${Key}` : never;
interface Picked<Id> {
  /** Graph to run: its options are those that are taken. */
  workflow_id: Id;
}
/** Options of the other graphs, which this one lacks. */
type Lacking<Schemas, Key extends keyof Schemas> = {
  [Name in Exclude<Keys<GraphOptions<Schemas[keyof Schemas]>>, keyof GraphOptions<Schemas[Key]>>]?: never;
};

/**
 * Options of a task whose package has several graphs: `workflow_id` picks one, and only its options are taken.
 *
 * @typeParam Schemas - workflow id -> schema
 * @typeParam Default - the workflow id that may be left out
 */
export type FamilyOptions<Schemas, Default extends IdOf<keyof Schemas>> = {
  [Key in keyof Schemas]: Omit<WorkflowTaskOptions, 'workflow_id'> &
    (IdOf<Key> extends Default ? Partial<Picked<IdOf<Key> | undefined>> : Picked<IdOf<Key>>) &
    GraphOptions<Schemas[Key]> &
    Lacking<Schemas, Key>;
}[keyof Schemas];

/** A task whose options are checked by a schema. Options that are files, `<name>_url`, cross the wire as `<name>`. */
export abstract class SchemaTask<Output extends WorkflowTaskOutput = WorkflowTaskOutput> extends WorkflowTask<Output> {
  /** What crosses the wire. */
  readonly parameters: Readonly<Record<string, unknown>>;

  /**
   * @param name - for messages, such as `UpscalerTask`
   * @param schema - of the options, those of every task left out
   * @throws {HeuristError} `invalid_parameters` that names each option and the mend
   */
  constructor(name: string, schema: OptionsSchema, options: WorkflowTaskOptions & object) {
    const { consumer_id, job_id_prefix, timeout_seconds, workflow_id, api_key, ...given } = options;
    super(options);
    const present = Object.entries(given).filter(([, value]) => value !== undefined);
    checkParameters(workflow_id ? `${name} ${workflow_id}` : name, schema, Object.fromEntries(present));
    const names = parameterNames(schema);
    this.parameters = Object.fromEntries(present.map(([option, value]) => [names.get(option) ?? option, value]));
  }

  get task_details(): { parameters: Readonly<Record<string, unknown>> } {
    return { parameters: this.parameters };
  }

  /**
   * The outputs of a finished task, with the first under a name of its own, and the seed.
   *
   * @throws {HeuristError} `invalid_reply` when there is no output
   */
  protected outputAs<Name extends string>(
    name: Name,
    result: WorkflowTaskResult,
  ): SeededOutput & Record<Name, TaskOutput> {
    const { task_id, outputs } = super.parseOutput(result);
    const [first] = outputs;
    if (!first)
      throw new HeuristError(`Task ${task_id} finished without an output.`, { code: 'invalid_reply', task_id });
    const named = { [name]: first } as Record<Name, TaskOutput>;
    return { task_id, outputs, seed: reportedSeed(result), ...named };
  }
}

function reportedSeed({ parameters }: WorkflowTaskResult): number | undefined {
  const seed = parameters?.seed ?? parameters?.noise_seed;
  return typeof seed === 'number' ? seed : undefined;
}

/**
 * The schema of one of a package's graphs.
 *
 * @throws {HeuristError} `invalid_parameters` for a workflow id that the package does not have
 */
export function pickSchema(schemas: Record<string, OptionsSchema>, workflow_id: string): OptionsSchema {
  const schema = Object.hasOwn(schemas, workflow_id) ? schemas[workflow_id] : undefined;
  if (schema) return schema;
  const known = Object.keys(schemas).join(', ');
  throw new HeuristError(`There is no workflow "${workflow_id}" in this package. workflow_id is one of ${known}.`, {
    code: 'invalid_parameters',
  });
}
