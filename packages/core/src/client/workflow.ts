import { environmentVariable } from '@heurist/server-kit/environment';
import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import { TaskCanceledError, TaskFailedError } from '../wire/errors.ts';
import type { NetworkStatus } from '../wire/network-status.ts';
import type { Session, SessionChoice, SessionOptions } from '../wire/session.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { CallOptions } from '../wire/transport.ts';
import { withBudget } from './budget.ts';
import type {
  CancelResult,
  HeuristOptions,
  RequestOptions,
  SubmitOptions,
  TaskClass,
  TaskHandle,
} from './client-options.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import type { FileSource } from './files/file-source.ts';
import { type Calls, type Connection, connect, later, load, waitForTask } from './on-first-use.ts';
import type { ManyTask, OutputOf, RunManyOptions, RunManyResult, RunOne } from './run-many.ts';
import { checkRuntime } from './runtime.ts';
import type { WaitOptions } from './wait-for-task.ts';

/** Submits, queries, awaits and cancels tasks. */
export class Workflow {
  readonly #options: HeuristOptions;
  #connection: Connection | undefined;

  constructor(options: HeuristOptions) {
    checkRuntime();
    this.#options = options;
  }

  /**
   * Uploads the files of a task, submits it, and does not wait for it. Whatever may pass (a sequencer that is down, full or out of reach) is retried until
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
      job_id,
      workflow_id: task.workflow_id,
      timeout_seconds: task.timeout_seconds || undefined,
      reject_if_unservable: options.reject_if_unservable,
      priority: options.priority,
      webhook_url: options.webhook_url,
    };
    return await withBudget({ timeout, signal, job_id }, 'the submit', async (budget) => {
      const upload = (calls: Calls) => calls.withUrls(this.#connect(), credentials, task.task_details, budget, body);
      const sent = { ...body, task_details: await later(upload, budget.signal) };
      budget.find = async (attempts) =>
        (await this.#connect().call('task_create', sent, { ...attempts, credentials })).task_id;
      return await budget.find(budget.attempts());
    });
  }

  /** Queries a task once. */
  async queryTaskResult(task_id: string, options?: RequestOptions): Promise<WorkflowTaskResult> {
    return await this.#askAbout(task_id, options, (each) => this.#waitCalls({}).query(task_id, each));
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
    return await withBudget(wait, undefined, (budget) => {
      const submit = () => this.executeWorkflow(task, { ...options, signal: budget.signal });
      return waitForTask(this.#waitCalls(task), submit, budget, wait);
    });
  }

  /** Cancels a task that is waiting or running. A task that has ended is not changed. */
  async cancelTask(task_id: string, options?: RequestOptions): Promise<CancelResult> {
    return await this.#askAbout(task_id, options, (each) => this.#waitCalls({}).cancel(task_id, each));
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
    return outputOf(task, await this.executeWorkflowAndWaitForResult(task, timeout, interval, rest));
  }

  /**
   * Runs any number of tasks, `concurrency` at a time, and yields each result as it comes. A task that fails does not end the others:
   * its result has the `error`. Nothing begins before the first result is asked for; leaving the loop cancels the open tasks.
   *
   * ```ts
   * for await (const { index, output, error } of heurist.workflow.runMany(tasks, { job_id: 'batch-7' }))
   *   console.log(index, error?.message ?? output?.image.url);
   * ```
   *
   * @param tasks - tasks, or handles to await only; may be a generator, which is asked for the next one when there is room
   * @throws {TaskAbortedError} if `signal` fires
   */
  async *runMany<Task extends ManyTask>(
    tasks: Iterable<Task> | AsyncIterable<Task>,
    options: RunManyOptions = {},
  ): AsyncGenerator<RunManyResult<OutputOf<Task>>, void, undefined> {
    const run: RunOne = (task, each) => this.run(task, each);
    yield* (await load()).runMany(run, tasks, options);
  }

  /**
   * A handle on an existing task, to continue after a restart or in another process. With its class, `wait` resolves with the typed
   * output, as `run` does.
   */
  task(task_id: string): TaskHandle;
  task<Output extends WorkflowTaskOutput>(Task: TaskClass<Output>, task_id: string): TaskHandle<Output>;
  task(first: string | TaskClass, second?: string): TaskHandle<WorkflowTaskResult | WorkflowTaskOutput> {
    const [Task, task_id] = typeof first === 'string' ? [undefined, first] : [first, second as string];
    return {
      task_id,
      query: (options) => this.queryTaskResult(task_id, options),
      cancel: (options) => this.cancelTask(task_id, options),
      wait: async (options = {}) => {
        const result = await withBudget({ ...options, task_id }, undefined, (budget) =>
          waitForTask(this.#waitCalls({}), task_id, budget, { onAbort: 'leave', ...options }),
        );
        return Task ? outputOf(Task.prototype, result) : result;
      },
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
  async createSession(session: SessionOptions, options: RequestOptions = {}): Promise<Session> {
    return await this.#ask('session_create', options, session);
  }

  /**
   * Ends a session before its time, or all sessions of an end user, such as one who signs out. Within two seconds its token is refused
   * and its event streams end. Its tasks go on, and your key sees them.
   *
   * @returns the ids of the sessions that were open
   * @throws {HeuristError} `not_found` if there is no such session
   */
  async revokeSession(choice: SessionChoice, options: RequestOptions = {}): Promise<string[]> {
    return (await this.#ask('session_revoke', options, choice)).session_ids;
  }

  /**
   * Uploads an image, video or audio file to the sequencer, once for each content. Options such as `image_url` take files themselves:
   * this is for a file that many tasks use, or for a URL to keep.
   *
   * @param source - a path, a Blob, bytes or a stream
   * @param options - `timeout` is 600000 by default
   * @returns a URL that the network can read for a limited time
   * @throws {HeuristError} `invalid_input` if the file is missing, empty or of another kind
   */
  async uploadFile(source: FileSource, { timeout = 600_000, signal }: RequestOptions = {}): Promise<string> {
    return await withBudget({ timeout, signal }, 'the upload', async (budget) => {
      const credentials = this.#credentials();
      return await later((calls) => calls.uploadOnce(this.#connect(), credentials, source, budget), budget.signal);
    });
  }

  /** Asks for something that is not about a task. It is tried five times. */
  async #ask<Name extends 'network_status' | 'webhook_secret' | 'session_create' | 'session_revoke'>(
    name: Name,
    options: RequestOptions,
    more?: object,
  ) {
    const credentials = this.#credentials();
    return await withBudget(options, 'the call', (budget) =>
      this.#connect().call(
        name,
        { ...credentials, ...more },
        { ...budget.attempts(), retries: undefined, credentials },
      ),
    );
  }

  /** Asks about a task. It is tried five times. */
  async #askAbout<T>(
    task_id: string,
    options: RequestOptions | undefined,
    ask: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    return await withBudget({ ...options, task_id }, 'the call', (budget) =>
      ask({ ...budget.attempts(), retries: undefined }),
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
    this.#connection ??= connect({
      ...this.#options,
      workflowURL: this.#options.workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL'),
    });
    return this.#connection;
  }
}

/** @throws {TaskFailedError | TaskCanceledError} if the task failed or was canceled */
function outputOf<Output extends WorkflowTaskOutput>(task: WorkflowTask<Output>, result: WorkflowTaskResult): Output {
  if (result.status === 'failed') throw new TaskFailedError(result);
  if (result.status === 'canceled') throw new TaskCanceledError(result.task_id);
  return task.parseOutput(result);
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
