import type { ErrorCode } from '../wire/error-codes.ts';
import { HeuristError } from '../wire/errors.ts';
import type { TaskOutput, WorkflowTaskResult } from '../wire/task-result.ts';

/** Known task types. A string of your own is as good: the sequencer decides what it can run. */
export const WorkflowTaskType = {
  Upscaler: 'upscaler',
  FluxLora: 'txt2img',
  Text2Image: 'txt2img',
  Image2Image: 'img2img',
  Inpaint: 'inpaint',
  Text2Video: 'txt2vid',
  Image2Video: 'img2vid',
  Text2Audio: 'txt2audio',
} as const;

/** A known task type, or any other string. */
export type WorkflowTaskType = (typeof WorkflowTaskType)[keyof typeof WorkflowTaskType] | (string & {});

/** Options that every task takes. */
export interface WorkflowTaskOptions {
  /** Consumer to act for. Default: that of the client's key. */
  consumer_id?: string | undefined;
  /** Start of the job id, to find your jobs in logs. Default `sdk-workflow`. */
  job_id_prefix?: string | undefined;
  /** Seconds after which the network gives the task up. Default: the sequencer's. */
  timeout_seconds?: number | undefined;
  /** Graph to run, where a task type has several. Default: the sequencer's for the task type. */
  workflow_id?: string | undefined;
  /** Key to use instead of the client's. */
  api_key?: string | undefined;
}

/** What a task comes to when it is run: at least its outputs. */
export interface WorkflowTaskOutput {
  task_id: string;
  outputs: TaskOutput[];
}

/** A schema that can check a value: any zod schema, zod/mini included. */
export interface ParametersSchema {
  /** The fields of an object schema. */
  shape?: object;
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly ParameterIssue[] } | undefined };
}

/** One thing wrong with a value, as zod says it. */
export interface ParameterIssue {
  path: readonly PropertyKey[];
  message: string;
  code?: string | undefined;
  keys?: readonly string[] | undefined;
}

/**
 * One piece of work: a task type and its parameters. Workflow packages have one subclass each; extend it yourself for
 * a workflow of your own.
 *
 * @typeParam Output - what `heurist.workflow.run(task)` resolves with
 */
export abstract class WorkflowTask<Output extends WorkflowTaskOutput = WorkflowTaskOutput> {
  consumer_id?: string;
  job_id_prefix?: string;
  timeout_seconds?: number;
  workflow_id?: string;
  api_key?: string;

  constructor({ consumer_id, job_id_prefix, timeout_seconds, workflow_id, api_key }: WorkflowTaskOptions = {}) {
    if (consumer_id !== undefined) this.consumer_id = consumer_id;
    if (job_id_prefix !== undefined) this.job_id_prefix = job_id_prefix;
    if (timeout_seconds !== undefined) this.timeout_seconds = timeout_seconds;
    if (workflow_id !== undefined) this.workflow_id = workflow_id;
    if (api_key !== undefined) this.api_key = api_key;
  }

  /** The kind of work, such as `upscaler`. */
  abstract get task_type(): WorkflowTaskType;

  /** What goes over the wire: `{ parameters: { ... } }`. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract leaves the details open
  abstract get task_details(): Record<string, any>;

  /** Turns the result of a finished task into this task's typed output. */
  parseOutput(result: WorkflowTaskResult): Output {
    return { task_id: result.task_id, outputs: outputsOf(result) } as Output;
  }
}

/** The outputs of a finished task; a sequencer without typed outputs has at most a URL, or `{ url }`, as its result. */
function outputsOf({ outputs, result }: WorkflowTaskResult): TaskOutput[] {
  if (outputs) return outputs;
  const url = typeof result === 'string' ? result : result?.url;
  if (typeof url !== 'string') return [];
  return [{ url, kind: 'file', content_type: 'application/octet-stream', bytes: 0, sha256: '', filename: url }];
}

/**
 * Checks parameters before they are sent or run.
 *
 * @param name - what the parameters belong to, for the message
 * @throws {HeuristError} with every problem in one message, each naming its parameter
 */
export function checkParameters(
  name: string,
  schema: ParametersSchema,
  parameters: unknown,
  code: ErrorCode = 'invalid_parameters',
): void {
  const { error } = schema.safeParse(parameters);
  if (!error) return;
  const problems = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown option ${issue.keys?.join(', ')} (there is ${Object.keys(schema.shape ?? {}).join(', ') || 'none'})`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new HeuristError(`${name}: ${problems.join('; ')}.`, { code });
}
