import * as z from 'zod/mini';
import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import { TaskCanceledError, TaskFailedError } from '../wire/errors.ts';
import { type NetworkStatus, networkStatusSchema } from '../wire/network-status.ts';
import { taskResultSchema, type WorkflowTaskResult } from '../wire/task-result.ts';
import { type CallOptions, createTransport, type Transport } from '../wire/transport.ts';
import { fileSlotSchema } from '../wire/upload-slot.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import { environmentVariable } from './environment.ts';
import { type FileSource, openFile } from './file-source.ts';
import { createBudget, type WaitOptions, waitForTask } from './wait-for-task.ts';

/** Settings of the client; each one missing is read from the environment when the first call is made. */
export interface HeuristOptions {
  /** `consumerId#apiKey`. Default: `HEURIST_API_KEY`. */
  apiKey?: string | undefined;
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | undefined;
  /** Send the key over plain http to a host that is not this machine. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
}

/** Options of a submit. */
export interface SubmitOptions {
  /** Ends the call at once. The task may exist all the same; a resend with the same `job_id` finds it. */
  signal?: AbortSignal;
  /** Identity of this submit: the same id is the same task. Default: a fresh one per call. */
  job_id?: string;
  /**
   * Public http(s) address that is told of the task's end, by a message that `verifyWebhook` of `@heurist/core/webhooks`
   * checks. Tried for a day.
   */
  webhook_url?: string;
  /** Refuse a task that no live miner can run with `unservable`, rather than let it wait for one. Default `false`. */
  reject_if_unservable?: boolean;
  /** Its place among your own tasks; others are not kept waiting by it. Default `normal`. */
  priority?: 'low' | 'normal' | 'high';
}

/** What the sequencer says to a cancel. */
export interface CancelResult {
  task_id: string;
  msg: string;
}

const cancelSchema = z.looseObject({ task_id: z.string(), msg: z.string() });

/** The consumer's side of the protocol: submit, query, wait, cancel. */
export class Workflow {
  readonly #options: HeuristOptions;
  #transport: Transport | undefined;

  constructor(options: HeuristOptions) {
    this.#options = options;
  }

  /**
   * Submits a task and does not wait. The submit is retried when its answer is lost, and stays one task.
   *
   * @returns the task id
   * @throws {HeuristError} when the sequencer refuses it or cannot be reached
   */
  async executeWorkflow(task: WorkflowTask, options: SubmitOptions = {}): Promise<string> {
    const defaults = this.#credentials(task.api_key, task.consumer_id);
    const body = {
      ...defaults,
      task_type: task.task_type,
      task_details: task.task_details,
      job_id: options.job_id ?? `${task.job_id_prefix || 'sdk-workflow'}-${randomHex(16)}`,
      workflow_id: task.workflow_id,
      timeout_seconds: task.timeout_seconds || undefined,
      reject_if_unservable: options.reject_if_unservable,
      priority: options.priority,
      webhook_url: options.webhook_url,
    };
    const schema = z.looseObject({ task_id: z.string() });
    return (await this.#connect().call('task_create', body, schema, options)).task_id;
  }

  /** Asks once how a task is. */
  async queryTaskResult(task_id: string): Promise<WorkflowTaskResult> {
    return await this.#waitCalls({}).query(task_id);
  }

  /**
   * Submits a task and waits until it has ended: resolves with a status of `finished`, `failed` or `canceled`.
   *
   * @param timeout - milliseconds for the whole call
   * @param interval - longest gap between two looks in milliseconds, at least 1000
   * @throws {TaskTimeoutError} when the task has not ended in time
   */
  async executeWorkflowAndWaitForResult(
    task: WorkflowTask,
    timeout = 300_000,
    interval = 10_000,
    options: Omit<WaitOptions, 'timeout' | 'interval'> & SubmitOptions = {},
  ): Promise<WorkflowTaskResult> {
    const wait = { ...options, timeout, interval };
    const budget = createBudget(wait);
    try {
      budget.task_id = await this.executeWorkflow(task, { ...options, signal: budget.signal });
      // the earliest moment at which a caller can note the id
      options.onProgress?.({ task_id: budget.task_id, status: 'waiting' });
      return await waitForTask(this.#waitCalls(task), budget.task_id, budget, wait);
    } finally {
      budget.end();
    }
  }

  /** Cancels a task, waiting or running. A task that has ended stays as it is. */
  async cancelTask(task_id: string): Promise<CancelResult> {
    return await this.#waitCalls({}).cancel(task_id);
  }

  /**
   * Submits a task, waits, and resolves with its typed output.
   *
   * @throws {TaskFailedError | TaskCanceledError | TaskTimeoutError | TaskAbortedError}
   */
  async run<Output extends WorkflowTaskOutput>(
    task: WorkflowTask<Output>,
    options: WaitOptions & SubmitOptions = {},
  ): Promise<Output> {
    const { timeout, interval, ...rest } = options;
    return task.parseOutput(succeeded(await this.executeWorkflowAndWaitForResult(task, timeout, interval, rest)));
  }

  /** A handle on a task by its id, to go on after a restart or in another process. */
  task(task_id: string): TaskHandle {
    return {
      task_id,
      query: () => this.queryTaskResult(task_id),
      cancel: () => this.cancelTask(task_id),
      wait: async (options = {}) => {
        const budget = createBudget(options);
        budget.task_id = task_id;
        try {
          return await waitForTask(this.#waitCalls({}), task_id, budget, { onAbort: 'leave', ...options });
        } finally {
          budget.end();
        }
      },
    };
  }

  /**
   * What the network can do now: its workflows, who runs them and what is missing, queues, recent failures.
   *
   * @throws {HeuristError} `not_found` where the sequencer has no such call
   */
  async networkStatus(options: { signal?: AbortSignal } = {}): Promise<NetworkStatus> {
    return await this.#connect().call('network_status', this.#credentials(), networkStatusSchema, options);
  }

  /** The secret by which your app knows that a webhook is the network's: `whsec_...`. The same for all of your keys. */
  async webhookSecret(options: { signal?: AbortSignal } = {}): Promise<string> {
    const schema = z.looseObject({ secret: z.string() });
    return (await this.#connect().call('webhook_secret', this.#credentials(), schema, options)).secret;
  }

  /**
   * Uploads a picture, video or sound to the sequencer, for use as `image_url` and the like.
   *
   * @param source - a path, a Blob or bytes
   * @returns a URL that the network can read for a while
   * @throws {HeuristError} `invalid_input` for a missing or empty file, or one of another kind
   */
  async uploadFile(source: FileSource, options: { signal?: AbortSignal } = {}): Promise<string> {
    const file = await openFile(source);
    const body = { ...this.#credentials(), content_type: file.type, bytes: file.size };
    const slot = await this.#connect().call('file_create', body, fileSlotSchema, options);
    await this.#connect().put(slot.upload_url, file, { ...options, headers: slot.upload_headers });
    return slot.url;
  }

  /** The calls about one existing task, made with the key that the task itself may carry. */
  #waitCalls({ api_key, consumer_id }: Pick<WorkflowTask, 'api_key' | 'consumer_id'>) {
    const call = <T>(name: string, task_id: string, schema: z.ZodMiniType<T>, options: CallOptions = {}) =>
      this.#connect().call(name, body(task_id), schema, { ...options, task_id });
    const body = (task_id: string) => ({ task_id, api_key: this.#credentials(api_key, consumer_id).api_key });
    return {
      query: async (task_id: string, options?: CallOptions) =>
        await call('task_result_query', task_id, taskResultSchema, options),
      open: async (task_id: string, signal: AbortSignal) =>
        await this.#connect().open('task_events', body(task_id), signal),
      cancel: async (task_id: string, options?: CallOptions) =>
        await call('task_cancel', task_id, cancelSchema, options),
    };
  }

  #credentials(
    key = this.#options.apiKey ?? environmentVariable('HEURIST_API_KEY'),
    consumer_id?: string,
  ): Credentials {
    // a task may carry a bare key beside its own consumer id, as in the reference
    if (consumer_id && key && !key.includes('#') && key !== this.#options.apiKey) return { consumer_id, api_key: key };
    const credentials = parseCredentials(key);
    return consumer_id ? { ...credentials, consumer_id } : credentials;
  }

  #connect(): Transport {
    this.#transport ??= createTransport(
      this.#options.workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL'),
      this.#options.allowInsecureHttp ?? false,
    );
    return this.#transport;
  }
}

/** A task that was submitted before. */
export interface TaskHandle {
  readonly task_id: string;
  /** Asks once. */
  query(): Promise<WorkflowTaskResult>;
  /** Waits until it has ended. A timeout or abort leaves the task running unless `onAbort: 'cancel'`. */
  wait(options?: WaitOptions): Promise<WorkflowTaskResult>;
  cancel(): Promise<CancelResult>;
}

/** @throws {TaskFailedError | TaskCanceledError} for a task that ended otherwise */
function succeeded(result: WorkflowTaskResult): WorkflowTaskResult {
  if (result.status === 'failed') throw new TaskFailedError(result);
  if (result.status === 'canceled') throw new TaskCanceledError(result.task_id);
  return result;
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
