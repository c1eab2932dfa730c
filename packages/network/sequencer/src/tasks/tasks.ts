import { randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { batch, inOrder } from '@heurist/server-kit/batch';
import { defaultLimits } from '../access/limits/limits.ts';
import { isUuid } from '../database/uuid.ts';
import { changeTask, changeTasks, type TaskContext } from './change-task.ts';
import { scopeJobId } from './scoped-job-id.ts';
import { type Submission, type Submitted, submitTasks } from './submit-tasks.ts';
import { countBefore, findForgotten, findOverdue, hasJobId, readTasks } from './table/read-tasks.ts';
import type { TaskPlace, TaskRecord } from './table/task-record.ts';

/** An open task whose time has passed. */
interface LateTask extends Pick<TaskRecord, 'task_id' | 'workflow_id'> {
  /** What it says about that. */
  message: string;
}

interface TasksOptions {
  /** Called with tasks that were canceled after attempts that failed. */
  onCancel?: (task: TaskRecord) => Promise<void>;
  /** How long a task may be open at most. */
  taskSeconds?: number;
}

/**
 * The tasks of the network, as consumers work with them. The task table is the truth; each change of it and of the queue
 * is one transaction. Calls of about the same moment are batched.
 */
export class Tasks {
  readonly #context: TaskContext;
  readonly #onCancel: NonNullable<TasksOptions['onCancel']>;
  readonly #taskSeconds: number;
  readonly #submit = batch((tasks: readonly Submission[]) =>
    submitTasks(this.#context.database, this.#context.dispatch, tasks, this.#context.oneTrip),
  );
  readonly #read = batch((task_ids: readonly string[]) => readTasks(this.#context.database, task_ids));
  readonly #timeOut = batch((late: readonly LateTask[]) => this.#timeOutAll(late));
  readonly #position = batch((tasks: readonly TaskPlace[]) => countBefore(this.#context.database, tasks));

  constructor(
    context: TaskContext,
    { onCancel = async () => {}, taskSeconds = defaultLimits.taskSeconds }: TasksOptions = {},
  ) {
    this.#context = context;
    this.#onCancel = onCancel;
    this.#taskSeconds = taskSeconds;
  }

  /**
   * Records and queues a task. The same consumer and `job_id` get the same task.
   *
   * @throws {HeuristError} `job_id_conflict` if the `job_id` was used for a different task, `rate_limited` over the quota
   */
  async submit(task: Submission): Promise<Submitted> {
    await this.#context.dispatch.ensureQueue(task.workflow_id);
    // always with a job_id: a batch whose commit was not confirmed runs again, and must not create a second task
    const submitted = await this.#submit({ ...task, job_id: task.job_id ?? scopeJobId(randomUUID(), task.scope) });
    if (submitted instanceof Error) throw submitted;
    if (submitted.position !== undefined) this.#context.events?.submitted(task.workflow_id);
    if (submitted.task.status === 'waiting') this.#context.bus.publishWork(task.workflow_id);
    return submitted;
  }

  /** Whether a consumer has submitted a task with this `job_id`. */
  async hasJob(consumer_id: string, job_id: string | null | undefined): Promise<boolean> {
    return job_id ? await hasJobId(this.#context.database, consumer_id, job_id) : false;
  }

  /** @throws {HeuristError} `not_found`, also for the task of another consumer, session or end user */
  async get(task_id: string, consumer_id?: string, scope?: string): Promise<TaskRecord> {
    const task = isUuid(task_id) ? await this.#read(task_id) : undefined;
    const isForeign = consumer_id !== undefined && task?.consumer_id !== consumer_id;
    if (!task || isForeign || (scope !== undefined && task.scope !== scope))
      throw new HeuristError(`There is no task ${task_id}.`, { code: 'not_found', task_id });
    return task;
  }

  /** Tasks by their ids, in that order, in one statement; `undefined` for those that the caller does not see. */
  async find(task_ids: readonly string[], consumer_id: string, scope?: string): Promise<(TaskRecord | undefined)[]> {
    const tasks = await readTasks(this.#context.database, task_ids.filter(isUuid));
    const isSeen = (task: TaskRecord) => task.consumer_id === consumer_id && (scope ?? task.scope) === task.scope;
    const seen = tasks.filter((task) => task !== undefined && isSeen(task)) as TaskRecord[];
    return inOrder(task_ids, seen, ({ task_id }) => task_id);
  }

  /** How many tasks of the same workflow are before a waiting one, up to 1,000. */
  async queuePosition(task: TaskPlace): Promise<number> {
    return await this.#position(task);
  }

  /** Cancels a task, waiting or running. Returns whether that changed anything. */
  async cancel({ task_id, workflow_id }: TaskRecord): Promise<boolean> {
    const { dispatch } = this.#context;
    const canceled = await changeTask(this.#context, {
      task_id,
      event: 'cancel',
      settle: (sql) => dispatch.remove(sql, task_id, workflow_id).then(() => true),
    });
    if (canceled?.history.length) await this.#onCancel(canceled);
    return canceled !== undefined;
  }

  /** Fails tasks whose time has passed, waiting or running: their `timeout_seconds`, or what a task may take at most. */
  async failOverdue(): Promise<void> {
    const { database } = this.#context;
    const overdue = await findOverdue(database);
    await Promise.all(
      overdue.map(({ timeout_seconds, ...task }) =>
        this.#timeOut({
          ...task,
          message: `The task did not end within its timeout_seconds (${timeout_seconds}). Submit it with a longer timeout.`,
        }),
      ),
    );
    const message = `The task did not end within ${this.#taskSeconds} seconds, the limit of this network. Check that a miner runs its workflow, and submit it again.`;
    const forgotten = await findForgotten(database, this.#taskSeconds);
    await Promise.all(forgotten.map((task) => this.#timeOut({ ...task, message })));
  }

  async #timeOutAll(late: readonly LateTask[]): Promise<readonly LateTask[]> {
    const { dispatch } = this.#context;
    const messages = new Map(late.map(({ task_id, message }) => [task_id, message]));
    await changeTasks(this.#context, {
      task_ids: [...messages.keys()],
      event: 'fail',
      columns: ({ task_id }) => ({
        error: { code: 'task_timeout', message: messages.get(task_id)!, is_retryable: true },
      }),
      settle: (sql) => dispatch.removeAll(sql, late).then(() => new Set(messages.keys())),
    });
    return late;
  }
}
