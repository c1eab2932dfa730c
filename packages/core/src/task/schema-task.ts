import type * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';
import type { TaskOutput, WorkflowTaskResult } from '../wire/task-result.ts';
import { isFileContent } from './file-content.ts';
import { parameterNames } from './option-names.ts';
import { checkParameters, WorkflowTask, type WorkflowTaskOptions, type WorkflowTaskOutput } from './workflow-task.ts';

/** The schema of a graph's options: `z.strictObject({ ... })`. */
export type OptionsSchema = z.ZodMiniObject;

/** Output of a task that uses a seed. */
export interface SeededOutput extends WorkflowTaskOutput {
  /** The seed that was used. Pass it again to get the same result. `undefined` if the sequencer does not report it. */
  seed: number | undefined;
}

type Keys<Union> = Union extends unknown ? keyof Union : never;
type GraphOptions<Schema> = Schema extends z.ZodMiniType<unknown, infer Options> ? Options : never;
/** A workflow id is always text, even if it looks like a number. */
export type IdOf<Key> = Key extends string | number ? `${Key}` : never;
interface Picked<Id> {
  /** Graph to run. It decides which options are accepted. */
  workflow_id: Id;
}
/** Options of the other graphs, which this one does not have. */
type Lacking<Schemas, Key extends keyof Schemas> = {
  [Name in Exclude<Keys<GraphOptions<Schemas[keyof Schemas]>>, keyof GraphOptions<Schemas[Key]>>]?: never;
};

/**
 * Options of a task whose package has several graphs: `workflow_id` picks one, and only its options are accepted.
 *
 * @typeParam Schemas - workflow id -> schema
 * @typeParam Default - the graph whose options are accepted without a `workflow_id`
 */
export type FamilyOptions<Schemas, Default extends IdOf<keyof Schemas>> = {
  [Key in keyof Schemas]: Omit<WorkflowTaskOptions, 'workflow_id'> &
    (IdOf<Key> extends Default ? Partial<Picked<IdOf<Key> | undefined>> : Picked<IdOf<Key>>) &
    GraphOptions<Schemas[Key]> &
    Lacking<Schemas, Key>;
}[keyof Schemas];

/**
 * A task whose options are checked by a schema. A file option `<name>_url` is sent as `<name>`; it takes a URL or what is in the file.
 */
export abstract class SchemaTask<Output extends WorkflowTaskOutput = WorkflowTaskOutput> extends WorkflowTask<Output> {
  /** What is sent: names on the wire, without options that are `undefined`. Files are replaced by their URLs at the submit. */
  readonly parameters: Readonly<Record<string, unknown>>;

  /**
   * @param name - for messages, such as `UpscalerTask`
   * @param schema - schema of the options, without those of {@link WorkflowTaskOptions}
   * @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it
   */
  constructor(name: string, schema: OptionsSchema, options: WorkflowTaskOptions & object) {
    const { consumer_id, job_id_prefix, timeout_seconds, workflow_id, api_key, ...given } = options;
    super(options);
    const present = Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([option, value]): [string, unknown] => [option, value instanceof URL ? value.href : value]);
    const names = parameterNames(schema);
    const nameOf = (option: string) => names.get(option) ?? option;
    // only files have another name on the wire; they get their address at the submit
    const addressed = present.map(([option, value]) => [
      option,
      nameOf(option) !== option && isFileContent(value) ? 'https://file' : value,
    ]);
    checkParameters(workflow_id ? `${name} ${workflow_id}` : name, schema, Object.fromEntries(addressed));
    this.parameters = Object.fromEntries(present.map(([option, value]) => [nameOf(option), value]));
  }

  get task_details(): { parameters: Readonly<Record<string, unknown>> } {
    return { parameters: this.parameters };
  }

  /**
   * The outputs of a finished task, the first also by a name such as `image`, and the seed.
   *
   * @throws {HeuristError} `invalid_reply` if there is no output
   */
  protected outputAs<Name extends string>(
    name: Name,
    result: WorkflowTaskResult,
  ): SeededOutput & Record<Name, TaskOutput> {
    const { task_id, outputs } = super.parseOutput(result);
    const [first] = outputs;
    if (!first)
      throw new HeuristError(`Task ${task_id} finished without an output. Submit it again.`, {
        code: 'invalid_reply',
        task_id,
      });
    const named = { [name]: first } as Record<Name, TaskOutput>;
    return { task_id, outputs, seed: reportedSeed(result), ...named };
  }
}

function reportedSeed({ parameters }: WorkflowTaskResult): number | undefined {
  const seed = parameters?.seed ?? parameters?.noise_seed;
  return typeof seed === 'number' ? seed : undefined;
}

/**
 * The options schema of one of a package's graphs.
 *
 * @throws {HeuristError} `invalid_parameters` if the package has no such graph
 */
export function pickSchema(schemas: Record<string, OptionsSchema>, workflow_id: string): OptionsSchema {
  const schema = Object.hasOwn(schemas, workflow_id) ? schemas[workflow_id] : undefined;
  if (schema) return schema;
  const known = Object.keys(schemas).join(', ');
  throw new HeuristError(`\`workflow_id\` must be one of ${known} (got "${workflow_id}").`, {
    code: 'invalid_parameters',
  });
}
