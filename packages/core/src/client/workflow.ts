import { environmentVariable } from '@heurist/server-kit/environment';
import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import { TaskCanceledError, TaskFailedError } from '../wire/errors.ts';
import type { NetworkStatus } from '../wire/network-status.ts';
import type { Session, SessionChoice, SessionOptions } from '../wire/session.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { CallOptions } from '../wire/transport.ts';
import { withBudget } from './budget.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import type { FileSource } from './file-source.ts';
import { type Connection, connect, openFile, waitForTask } from './on-first-use.ts';
import { checkRuntime } from './runtime.ts';
import type { WaitOptions } from './wait-for-task.ts';

/** Options of the client. Those left out are read from the environment when the first call is made. */
export interface HeuristOptions {
  /** `consumerId#apiKey`. Default: `HEURIST_API_KEY`. */
  apiKey?: string | undefined;
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | undefined;
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
  /**
   * `header`: the key is sent in the `Authorization` header alone. Default: in the body too, until the sequencer has shown that it reads
   * the header (reference sequencers do not); in browsers in the body alone.
   */
  auth?: 'header' | undefined;
}

/** Options of a submit. */
export interface SubmitOptions {
  /**
   * Milliseconds for the submit with all of its retries. Default 60000; within a wait, the timeout of the wait covers it.
   */
  timeout?: number | undefined;
  /** Aborts the call. The task may exist nevertheless: submitting again with the `job_id` of the error finds it. */
  signal?: AbortSignal | undefined;
  /** Makes the submit idempotent: the same id is the same task. Default: a new id for each call. */
  job_id?: string | undefined;
  /**
   * Public http(s) URL that is notified when the task ends. Verify the message with `verifyWebhook` of
   * `@heurist/core/webhooks`. Delivery is retried for a day.
   */
  webhook_url?: string | undefined;
  /** Refuse the task with `unservable` if no connected miner can run it, instead of queueing it. Default `false`. */
  reject_if_unservable?: boolean | undefined;
  /** Priority among your own tasks; it does not affect other consumers. Default `normal`. */
  priority?: 'low' | 'normal' | 'high' | undefined;
}

/** Options of a call that is not about one task. */
export interface RequestOptions {
  /** Milliseconds for the call with all of its retries. */
  timeout?: number | undefined;
  /** Ends the call immediately with a {@link TaskAbortedError}. */
  signal?: AbortSignal | undefined;
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
    checkRuntime();
    this.#options = options;
  }

  /**
   * Submits a task and does not wait for it. Whatever may pass (a sequencer that is down, full or out of reach) is retried until
   * `timeout`, without creating a second task.
   *
   * @returns the task id
   * @throws {HeuristError} if the sequencer refuses the task or cannot be reached; it has the `job_id`
   */
  async executeWorkflow(task: WorkflowTask, options: SubmitOptions = {}): Promise<string> {
    const { job_id = `${task.job_id_prefix || 'sdk-workflow'}-${randomHex(16)}`, timeout = 60_000, signal } = options;
    const own = this.#credentials(task.api_key, task.consumer_id);
    const credentials = task.consumer_id ? { ...own, consumer_id: task.consumer_id } : own;
    const body = {
      ...credentials,
      task_type: task.task_type,
      task_details: task.task_details,
      job_id,
      workflow_id: task.workflow_id,
      timeout_seconds: task.timeout_seconds || undefined,
      reject_if_unservable: options.reject_if_unservable,
      priority: options.priority,
      webhook_url: options.webhook_url,
    };
    return await withBudget({ timeout, signal }, 'the submit', async (budget) => {
      budget.job_id = job_id;
      budget.find = async (attempts) =>
        (await this.#connect().call('task_create', body, { ...attempts, credentials })).task_id;
      return await budget.find(budget.attempts());
    });
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
    options: Omit<WaitOptions & SubmitOptions, 'timeout' | 'interval'> = {},
  ): Promise<WorkflowTaskResult> {
    const wait = { ...options, timeout, interval };
    return await withBudget(wait, undefined, async (budget) => {
      const submit = () => this.executeWorkflow(task, { ...options, signal: budget.signal });
      return await waitForTask(this.#waitCalls(task), submit, budget, wait);
    });
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
      wait: async (options = {}) =>
        await withBudget(options, undefined, (budget) =>
          waitForTask(this.#waitCalls({}), task_id, budget, { onAbort: 'leave', ...options }),
        ),
    };
  }

  /**
   * Status of the network: its workflows, the miners that run them, missing models, queues and recent failures.
   *
   * @throws {HeuristError} `not_found` if the sequencer does not support the call
   */
  async networkStatus(options: RequestOptions = {}): Promise<NetworkStatus> {
    return await this.#ask('network_status', options);
  }

  /** The secret to verify webhooks with: `whsec_...`. It is the same for all of your keys. */
  async webhookSecret(options: RequestOptions = {}): Promise<string> {
    return (await this.#ask('webhook_secret', options)).secret;
  }

  /**
   * Creates a session for a web page: call it on your server, and pass `session_token` to the page, which uses it as its `apiKey`.
   * The page sees only the tasks of its session, which ends by itself, with your key, or by `revokeSession`.
   *
   * @throws {HeuristError} `invalid_request` over a limit of your key; `rate_limited` with too many open sessions; `not_found` if the
   *   sequencer has no sessions
   */
  async createSession(session: SessionOptions, options: { signal?: AbortSignal } = {}): Promise<Session> {
    const body = { ...this.#credentials(), ...session };
    return await this.#connect().call('session_create', body, options);
  }

  /**
   * Ends a session before its time, or all sessions of an end user, such as one who signs out. Within two seconds its token is refused
   * and its event streams end. Its tasks go on, and your key sees them.
   *
   * @returns the ids of the sessions that were open
   * @throws {HeuristError} `not_found` if there is no such session
   */
  async revokeSession(choice: SessionChoice, options: { signal?: AbortSignal } = {}): Promise<string[]> {
    const body = { ...this.#credentials(), ...choice };
    return (await this.#connect().call('session_revoke', body, options)).session_ids;
  }

  /**
   * Uploads an image, video or audio file to the sequencer, for use in options such as `image_url`.
   *
   * @param source - a path, a Blob or bytes
   * @param options - `timeout` is 600000 by default
   * @returns a URL that the network can read for a limited time
   * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
   */
  async uploadFile(source: FileSource, { timeout = 600_000, signal }: RequestOptions = {}): Promise<string> {
    return await withBudget({ timeout, signal }, 'the upload', async (budget) => {
      const file = await openFile(source, budget.signal);
      const credentials = this.#credentials();
      const body = { ...credentials, content_type: file.type, bytes: file.size };
      const options = { ...budget.attempts(), credentials };
      const slot = await this.#connect().call('file_create', body, options);
      await this.#connect().put(slot.upload_url, file, { ...budget.attempts(), headers: slot.upload_headers });
      return slot.url;
    });
  }

  /** Asks for something that is not about a task. It is tried five times. */
  async #ask<Name extends 'network_status' | 'webhook_secret'>(name: Name, options: RequestOptions) {
    const credentials = this.#credentials();
    return await withBudget(options, 'the call', ({ signal }) =>
      this.#connect().call(name, credentials, { signal, credentials }),
    );
  }

  /** Calls about existing tasks, made with the task's own key if it has one. */
  #waitCalls({ api_key, consumer_id }: Pick<WorkflowTask, 'api_key' | 'consumer_id'>) {
    const credentials = this.#credentials(api_key, consumer_id);
    const connection = this.#connect();
    const call =
      <Name extends 'task_result_query' | 'task_cancel'>(name: Name) =>
      (task_id: string, options: CallOptions = {}) =>
        connection.call(name, { task_id, api_key: credentials.api_key }, { ...options, task_id, credentials });
    return { connection, credentials, query: call('task_result_query'), cancel: call('task_cancel') };
  }

  #credentials(
    key = this.#options.apiKey ?? environmentVariable('HEURIST_API_KEY'),
    consumer_id?: string,
  ): Credentials {
    // a task may have a consumer id and a key without one, as in the reference client
    if (consumer_id && key && !key.includes('#') && key !== this.#options.apiKey) return { consumer_id, api_key: key };
    return parseCredentials(key);
  }

  #connect(): Connection {
    this.#connection ??= connect(
      this.#options.workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL'),
      this.#options.allowInsecureHttp ?? false,
      this.#options.auth,
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
