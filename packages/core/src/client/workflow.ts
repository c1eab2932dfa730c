import { environmentVariable } from '@heurist/server-kit/environment';
import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import { TaskCanceledError, TaskFailedError } from '../wire/errors.ts';
import type { NetworkStatus } from '../wire/network-status.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { CallOptions } from '../wire/transport.ts';
import { createBudget } from './budget.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import type { FileSource } from './file-source.ts';
import { type Connection, connect, openFile, waitForTask } from './on-first-use.ts';
import type { WaitOptions } from './wait-for-task.ts';

/** Options of the client. Those left out are read from the environment when the first call is made. */
export interface HeuristOptions {
  /** `consumerId#apiKey`. Default: `HEURIST_API_KEY`. */
  apiKey?: string | undefined;
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | undefined;
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
}

/** Options of a submit. */
export interface SubmitOptions {
  /** Aborts the call. The task may exist nevertheless: submitting again with the same `job_id` finds it. */
  signal?: AbortSignal;
  /** Makes the submit idempotent: the same id is the same task. Default: a new id for each call. */
  job_id?: string;
  /**
   * Public http(s) URL that is notified when the task ends. Verify the message with `verifyWebhook` of
   * `@heurist/core/webhooks`. Delivery is retried for a day.
   */
  webhook_url?: string;
  /** Refuse the task with `unservable` if no connected miner can run it, instead of queueing it. Default `false`. */
  reject_if_unservable?: boolean;
  /** Priority among your own tasks; it does not affect other consumers. Default `normal`. */
  priority?: 'low' | 'normal' | 'high';
}

/** Response to a cancel. */
export interface CancelResult {
  task_id: string;
  msg: string;
}

/** Submits, queries, awaits and cancels tasks. */
export class Workflow {
  readonly #options: HeuristOptions;
  #connection: Connection | undefined;

  constructor(options: HeuristOptions) {
    this.#options = options;
  }

  /**
   * Submits a task and does not wait for it. If the response is lost, the submit is retried without creating a second task.
   *
   * @returns the task id
   * @throws {HeuristError} if the sequencer refuses the task or cannot be reached
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
    return (await this.#connect().call('task_create', body, options)).task_id;
  }

  /** Queries a task once. */
  async queryTaskResult(task_id: string): Promise<WorkflowTaskResult> {
    return await this.#waitCalls({}).query(task_id);
  }

  /**
   * Submits a task and waits until it has ended. Resolves with its state: `finished`, `failed` or `canceled`.
   *
   * @param timeout - milliseconds for the whole call
   * @param interval - longest gap between two polls in milliseconds, at least 1000
   * @throws {TaskTimeoutError} if the task has not ended in time
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
      // the earliest moment at which a caller can learn the id
      options.onProgress?.({ task_id: budget.task_id, status: 'waiting' });
      return await waitForTask(this.#waitCalls(task), budget.task_id, budget, wait);
    } finally {
      budget.end();
    }
  }

  /** Cancels a task that is waiting or running. A task that has ended is not changed. */
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

  /** A handle on an existing task, to continue after a restart or in another process. */
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
   * Status of the network: its workflows, the miners that run them, missing models, queues and recent failures.
   *
   * @throws {HeuristError} `not_found` if the sequencer does not support the call
   */
  async networkStatus(options: { signal?: AbortSignal } = {}): Promise<NetworkStatus> {
    return await this.#connect().call('network_status', this.#credentials(), options);
  }

  /** The secret to verify webhooks with: `whsec_...`. It is the same for all of your keys. */
  async webhookSecret(options: { signal?: AbortSignal } = {}): Promise<string> {
    return (await this.#connect().call('webhook_secret', this.#credentials(), options)).secret;
  }

  /**
   * Uploads an image, video or audio file to the sequencer, for use in options such as `image_url`.
   *
   * @param source - a path, a Blob or bytes
   * @returns a URL that the network can read for a limited time
   * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
   */
  async uploadFile(source: FileSource, options: { signal?: AbortSignal } = {}): Promise<string> {
    const file = await openFile(source, options.signal);
    const body = { ...this.#credentials(), content_type: file.type, bytes: file.size };
    const slot = await this.#connect().call('file_create', body, options);
    await this.#connect().put(slot.upload_url, file, { ...options, headers: slot.upload_headers });
    return slot.url;
  }

  /** Calls about an existing task, made with the task's own key if it has one. */
  #waitCalls({ api_key, consumer_id }: Pick<WorkflowTask, 'api_key' | 'consumer_id'>) {
    const body = (task_id: string) => ({ task_id, api_key: this.#credentials(api_key, consumer_id).api_key });
    return {
      query: async (task_id: string, options?: CallOptions) =>
        await this.#connect().call('task_result_query', body(task_id), { ...options, task_id }),
      open: async (task_id: string, signal: AbortSignal) =>
        await this.#connect().open('task_events', body(task_id), signal),
      cancel: async (task_id: string, options?: CallOptions) =>
        await this.#connect().call('task_cancel', body(task_id), { ...options, task_id }),
    };
  }

  #credentials(
    key = this.#options.apiKey ?? environmentVariable('HEURIST_API_KEY'),
    consumer_id?: string,
  ): Credentials {
    // a task may have a consumer id and a key without one, as in the reference client
    if (consumer_id && key && !key.includes('#') && key !== this.#options.apiKey) return { consumer_id, api_key: key };
    const credentials = parseCredentials(key);
    return consumer_id ? { ...credentials, consumer_id } : credentials;
  }

  #connect(): Connection {
    this.#connection ??= connect(
      this.#options.workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL'),
      this.#options.allowInsecureHttp ?? false,
    );
    return this.#connection;
  }
}

/** A task that was submitted earlier. */
export interface TaskHandle {
  readonly task_id: string;
  /** Queries it once. */
  query(): Promise<WorkflowTaskResult>;
  /** Waits until it has ended. After a timeout or abort the task keeps running, unless `onAbort` is `cancel`. */
  wait(options?: WaitOptions): Promise<WorkflowTaskResult>;
  cancel(): Promise<CancelResult>;
}

/** @throws {TaskFailedError | TaskCanceledError} if the task failed or was canceled */
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
