import type { ErrorCode } from '../wire/error-codes.ts';
import { HeuristError } from '../wire/errors.ts';
import type { OutputDescription, TaskOutput, WorkflowTaskResult } from '../wire/task-result.ts';

/** Known task types. Any other string is allowed: the sequencer decides what it can run. */
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
  /** Consumer to act for. Default: the consumer of the client's key. */
  consumer_id?: string | undefined;
  /** Prefix of the job id, to find your tasks in logs. Default `sdk-workflow`. */
  job_id_prefix?: string | undefined;
  /** Seconds after which the network abandons the task. Default: the sequencer's. */
  timeout_seconds?: number | undefined;
  /**
   * Workflow to run, if the task type has several. Default: the first that takes the parameters and that a connected miner runs;
   * if there is none, the first that takes them, with a `warning`. A local network refuses what it can never run, with
   * `unservable`. The tasks of some packages name their own default.
   */
  workflow_id?: string | undefined;
  /** Key to use instead of the client's. */
  api_key?: string | undefined;
}

/** Result of `run`: at least the task's outputs. */
export interface WorkflowTaskOutput {
  task_id: string;
  outputs: TaskOutput[];
}

/** Any schema that can check a value, such as one of zod or zod/mini. */
export interface ParametersSchema {
  /** The fields of an object schema. */
  shape?: object;
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly ParameterIssue[] } | undefined };
}

/** One problem with a value, as zod reports it. */
export interface ParameterIssue {
  path: readonly PropertyKey[];
  message: string;
  code?: string | undefined;
  keys?: readonly string[] | undefined;
}

/**
 * One piece of work: a task type and its parameters. Each workflow package has a subclass; write your own for another
 * workflow.
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

  /** Kind of work, such as `upscaler`. */
  abstract get task_type(): WorkflowTaskType;

  /** What is sent: `{ parameters: { ... } }`. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract leaves the details open
  abstract get task_details(): Record<string, any>;

  /** Converts the result of a finished task into this task's typed output. */
  parseOutput(result: WorkflowTaskResult): Output {
    return { task_id: result.task_id, outputs: outputsOf(result) as TaskOutput[] } as WorkflowTaskOutput as Output;
  }
}

/** The outputs of a finished task. Other sequencers have no typed outputs; their result is a URL or `{ url }`. */
export function outputsOf<Output extends OutputDescription | TaskOutput>({
  outputs,
  result,
}: WorkflowTaskResult<Output>): (Output | OutputDescription)[] {
  if (outputs) return outputs;
  const url = typeof result === 'string' ? result : result?.url;
  if (typeof url !== 'string') return [];
  return [{ url, kind: 'file', content_type: 'application/octet-stream', bytes: 0, sha256: '', filename: url }];
}

/** More help nobody, and would make a large answer out of a large request. */
const MOST_PROBLEMS = 10;
const LONGEST_NAME = 100;

/** The first of many, and how many more there are. */
function firstOf(texts: readonly string[], separator: string): string {
  const more = texts.length - MOST_PROBLEMS;
  return [...texts.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

const shortName = (name: string) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);

/**
 * Checks parameters before they are sent or run.
 *
 * @param name - what the parameters belong to, for the message
 * @throws {HeuristError} with the problems in one message, ten at most; each names its parameter
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
      ? `unknown option ${firstOf((issue.keys ?? []).map(shortName), ', ')} (known: ${Object.keys(schema.shape ?? {}).join(', ') || 'none'})`
      : describeIssue(issue),
  );
  throw new HeuristError(`${name}: ${firstOf(problems, '; ')}.`, { code });
}

/** Our messages continue the name, `` `width` must be ... ``; those of other schemas stand alone. */
function describeIssue({ path, message }: ParameterIssue): string {
  if (!path.length) return message;
  return `\`${shortName(path.join('.'))}\`${/^[a-z]/.test(message) ? '' : ':'} ${message}`;
}
