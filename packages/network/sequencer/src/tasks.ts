import { createHash, randomUUID } from 'node:crypto';
import { HeuristError, isTerminal, type PastAttempt, type TaskErrorInfo, type TaskProgress } from '@heurist/core';
import { isUuid } from './artifact-store.ts';
import type { Bus } from './bus.ts';
import type { ClaimedTask } from './claim-desk.ts';
import type { Database, Sql } from './database.ts';
import type { Claim, Dispatch } from './dispatch.ts';
import { type TaskEvent, transition } from './task-lifecycle.ts';
import type { TaskRecord } from './task-record.ts';
import { registerWebhook, webhookIsDue } from './webhooks.ts';

/** A task as it is asked for. */
export interface NewTask {
  consumer_id: string;
  job_id: string | undefined;
  task_type: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  /** Where to tell of its end, and where its consumer reached the network. */
  webhook?: { url: string; origin: string } | undefined;
}

/** What a miner delivers. */
export interface Delivery {
  artifact_ids: string[];
  parameters: Record<string, unknown> | undefined;
  models: Record<string, string> | undefined;
  upload_ms: number | undefined;
  /** Result text of a reference miner, which has no artifacts. */
  result?: string | undefined;
}

/** Columns that an event sets beside the status. */
type Changes = Partial<Record<keyof TaskRecord, unknown>>;

/** The same, where they depend on what was there. */
type ChangesOf = Changes | ((task: TaskRecord) => Changes);

/** A claim that keeps coming too late gives up; the miner asks again. */
const MAX_CLAIM_TRIES = 10;

const leaseLost = () =>
  new HeuristError('The lease is over: the task has ended, or another miner has it.', { code: 'lease_lost' });

/** The tasks of the network. The task table is the truth; each change and the queue's own move are one transaction. */
export class Tasks {
  readonly #database: Database;
  readonly #dispatch: Dispatch;
  readonly #bus: Bus;

  constructor(database: Database, dispatch: Dispatch, bus: Bus) {
    this.#database = database;
    this.#dispatch = dispatch;
    this.#bus = bus;
  }

  /**
   * Records and queues a task. The same consumer and `job_id` get the same task.
   *
   * @throws {HeuristError} `job_id_conflict` when the `job_id` was used for a different task
   */
  async create(task: NewTask): Promise<TaskRecord> {
    await this.#dispatch.ensureQueue(task.workflow_id);
    const { consumer_id, job_id, task_type, workflow_id, task_details, timeout_seconds, webhook } = task;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([task_type, workflow_id, task_details, timeout_seconds ?? null]))
      .digest('hex');
    const task_id = randomUUID();
    const created = await this.#database.transaction(async (sql) => {
      const turn = await nextTurn(sql, consumer_id, workflow_id);
      const [inserted] = await sql.query<TaskRecord>(
        `INSERT INTO heurist.task
           (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, status, turn)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9) ON CONFLICT (consumer_id, job_id) DO NOTHING RETURNING *`,
        [
          task_id,
          consumer_id,
          job_id ?? null,
          fingerprint,
          task_type,
          workflow_id,
          JSON.stringify(task_details),
          timeout_seconds ?? null,
          turn,
        ],
      );
      if (inserted) await this.#dispatch.send(sql, task_id, workflow_id, turn);
      if (inserted && webhook) await registerWebhook(sql, task_id, webhook.url, webhook.origin);
      return inserted;
    });
    if (created) {
      this.#bus.workArrived();
      return created;
    }
    const query = 'SELECT * FROM heurist.task WHERE consumer_id = $1 AND job_id = $2';
    const [earlier] = await this.#database.query<TaskRecord>(query, [consumer_id, job_id]);
    if (earlier?.fingerprint === fingerprint) return earlier;
    throw new HeuristError(`job_id ${job_id} was used for a different task before. Use a fresh one for each task.`, {
      code: 'job_id_conflict',
    });
  }

  /** Whether a submit with this `job_id` was taken before. */
  async isKnown(consumer_id: string, job_id: string | null | undefined): Promise<boolean> {
    if (!job_id) return false;
    const query = 'SELECT 1 FROM heurist.task WHERE consumer_id = $1 AND job_id = $2';
    return (await this.#database.query(query, [consumer_id, job_id])).length > 0;
  }

  /** @throws {HeuristError} `not_found`, also for somebody else's task */
  async get(task_id: string, consumer_id?: string): Promise<TaskRecord> {
    const task = isUuid(task_id) ? await read(this.#database, task_id) : undefined;
    if (!task || (consumer_id !== undefined && task.consumer_id !== consumer_id))
      throw new HeuristError(`There is no task ${task_id}.`, { code: 'not_found', task_id });
    return task;
  }

  /** How many tasks of the same workflow are before a waiting one. */
  async queuePosition({ workflow_id, turn, number }: TaskRecord): Promise<number> {
    const [row] = await this.#database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM heurist.task
       WHERE workflow_id = $1 AND status = 'waiting' AND (turn, number) < ($2, $3)`,
      [workflow_id, turn, number],
    );
    return row?.count ?? 0;
  }

  /** Cancels a task wherever it is. Returns whether that changed anything. */
  async cancel(task: TaskRecord): Promise<boolean> {
    const { task_id, workflow_id } = task;
    return await this.#change(task_id, 'cancel', {}, async (sql) => {
      await this.#dispatch.remove(sql, task_id, workflow_id);
      return true;
    });
  }

  /** Gives a miner the next task of one of its workflows, or `undefined`. */
  async claim(workflow_ids: readonly string[], miner_id: string): Promise<ClaimedTask | undefined> {
    for (let tries = 0; tries < MAX_CLAIM_TRIES; tries++) {
      const workflow_id = await this.#dispatch.pick(workflow_ids);
      if (workflow_id === undefined) return undefined;
      const claimed = await this.#database.transaction((sql) => this.#claimFrom(sql, workflow_id, miner_id));
      // none: somebody was faster, or the task had ended
      if (!claimed) continue;
      this.#bus.taskChanged(claimed.task.task_id);
      return claimed;
    }
    return undefined;
  }

  async #claimFrom(sql: Sql, workflow_id: string, miner_id: string) {
    const claim = await this.#dispatch.fetch(sql, workflow_id);
    if (!claim) return undefined;
    const task = await apply(sql, claim.task_id, 'claim', {
      miner_id,
      attempt: claim.attempt + 1,
      claimed_at: new Date(),
      progress: null,
    }).catch(ignoreRefusal);
    // the task ended without its job: nothing must claim it again
    if (!task) await this.#dispatch.remove(sql, claim.task_id, workflow_id);
    return task && { task, claim };
  }

  /**
   * Renews a lease and notes the progress.
   *
   * @returns whether the miner should stop, because the task was canceled
   * @throws {HeuristError} `lease_lost`
   */
  async heartbeat(claim: Claim, progress: TaskProgress | undefined): Promise<{ cancel: boolean }> {
    const holds = await this.#dispatch.touch(claim);
    const task = await read(this.#database, claim.task_id);
    if (task?.status === 'canceled' && task.attempt === claim.attempt + 1) return { cancel: true };
    if (!holds || task?.status !== 'running') throw leaseLost();
    if (progress) {
      const query = `UPDATE heurist.task SET progress = $2 WHERE task_id = $1 AND status = 'running'`;
      await this.#database.query(query, [claim.task_id, JSON.stringify(progress)]);
      this.#bus.taskChanged(claim.task_id);
    }
    return { cancel: false };
  }

  /** @throws {HeuristError} `lease_lost` unless this attempt is the one that runs */
  async checkLease(claim: Claim): Promise<void> {
    const task = await read(this.#database, claim.task_id);
    if (task?.status !== 'running' || task.attempt !== claim.attempt + 1) throw leaseLost();
  }

  /**
   * Ends a task well. A repeat of the same delivery, whose first answer was lost, is accepted and changes nothing.
   *
   * @throws {HeuristError} `lease_lost`
   */
  async finish(claim: Claim, { artifact_ids, parameters, models, upload_ms, result }: Delivery): Promise<void> {
    const changes = {
      artifact_ids: JSON.stringify(artifact_ids),
      parameters: parameters && JSON.stringify(parameters),
      models: models && JSON.stringify(models),
      upload_ms,
      result,
    };
    await this.#settle(claim, 'finish', changes, (sql) => this.#dispatch.complete(sql, claim));
  }

  /** Ends an attempt badly: the task is handed out again if that can help, or fails. */
  async fail(claim: Claim, error: TaskErrorInfo): Promise<void> {
    if (error.is_retryable && !this.#dispatch.isLastAttempt(claim)) {
      const changes = (task: TaskRecord) => ({ progress: null, ...withAttempt(task, error) });
      await this.#settle(claim, 'give_back', changes, (sql) => this.#dispatch.giveBack(sql, claim));
      this.#bus.workArrived();
      return;
    }
    const changes = (task: TaskRecord) => ({ error: JSON.stringify(error), ...withAttempt(task, error) });
    await this.#settle(claim, 'fail', changes, (sql) => this.#dispatch.removeAttempt(sql, claim));
  }

  async #settle(
    claim: Claim,
    event: TaskEvent,
    changes: ChangesOf,
    fence: (sql: Sql) => Promise<boolean>,
  ): Promise<void> {
    if (await this.#change(claim.task_id, event, changes, fence)) return;
    const task = await read(this.#database, claim.task_id);
    const isRepeat =
      task && isTerminal(task.status) && task.status !== 'canceled' && task.attempt === claim.attempt + 1;
    if (!isRepeat) throw leaseLost();
  }

  /** Takes tasks from miners that have been silent for longer than a lease lasts. */
  async takeFromSilent(leaseSeconds: number): Promise<void> {
    for (const claim of await this.#dispatch.findSilent(leaseSeconds))
      await this.fail(claim, {
        code: 'miner_lost',
        message: 'Every miner that took this task fell silent. Submit it again later.',
        is_retryable: true,
      }).catch(ignoreLostLease);
  }

  /** Ends tasks whose `timeout_seconds` are over, wherever they are. */
  async endOverdue(): Promise<void> {
    const overdue = await this.#database.query<TaskRecord>(
      `SELECT task_id, workflow_id, timeout_seconds FROM heurist.task WHERE status IN ('waiting', 'running')
       AND created_at + timeout_seconds * interval '1 second' < now()`,
    );
    for (const { task_id, workflow_id, timeout_seconds } of overdue) {
      const message = `The task did not end within its timeout_seconds (${timeout_seconds}).`;
      const error = JSON.stringify({ code: 'task_timeout', message, is_retryable: true });
      await this.#change(task_id, 'fail', { error }, async (sql) => {
        await this.#dispatch.remove(sql, task_id, workflow_id);
        return true;
      });
    }
  }

  /** For how many seconds the oldest waiting task of each workflow has waited. */
  async oldestWaiting(): Promise<Map<string, number>> {
    const rows = await this.#database.query<{ workflow_id: string; seconds: number }>(
      `SELECT workflow_id, extract(epoch FROM now() - min(created_at))::float8 AS seconds FROM heurist.task
       WHERE status = 'waiting' GROUP BY workflow_id`,
    );
    return new Map(rows.map(({ workflow_id, seconds }) => [workflow_id, seconds]));
  }

  /** Numbers of tasks by status. */
  async count(): Promise<Record<string, number>> {
    const query = 'SELECT status, count(*)::int AS count FROM heurist.task GROUP BY status';
    const rows = await this.#database.query<{ status: string; count: number }>(query);
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  /** One change of one task, together with the queue's part of it. Returns whether both were allowed. */
  async #change(
    task_id: string,
    event: TaskEvent,
    changes: ChangesOf,
    fence: (sql: Sql) => Promise<boolean>,
  ): Promise<boolean> {
    const changed = await this.#database
      .transaction(async (sql) => {
        if (await fence(sql)) return await apply(sql, task_id, event, changes);
        return undefined;
      })
      .catch(ignoreRefusal);
    if (changed) this.#bus.taskChanged(task_id);
    return changed !== undefined;
  }
}

/**
 * The turn of a new task. Everybody who has something to run gets one task into each turn, so that ten thousand tasks of
 * one consumer keep a single task of another waiting for one turn only. A consumer that comes later begins with the turn
 * that is served now (start-time fair queueing).
 */
async function nextTurn(sql: Sql, consumer_id: string, workflow_id: string): Promise<number> {
  // each part is one look into an index
  const [row] = await sql.query<{ turn: number }>(
    `SELECT 1 + GREATEST(
       0,
       (SELECT turn FROM heurist.task WHERE status = 'running' ORDER BY turn DESC LIMIT 1),
       (SELECT turn - 1 FROM heurist.task WHERE status = 'waiting' ORDER BY turn, number LIMIT 1),
       (SELECT turn FROM heurist.task WHERE status = 'waiting' AND consumer_id = $1 AND workflow_id = $2
        ORDER BY turn DESC LIMIT 1)
     ) AS turn`,
    [consumer_id, workflow_id],
  );
  return row!.turn;
}

async function read(sql: Sql, task_id: string): Promise<TaskRecord | undefined> {
  const [task] = await sql.query<TaskRecord>('SELECT * FROM heurist.task WHERE task_id = $1', [task_id]);
  return task;
}

/** Notes who had the task, and what came of it. */
function withAttempt({ history, attempt, miner_id }: TaskRecord, { code }: TaskErrorInfo): Changes {
  const past: PastAttempt = { attempt, miner_id: miner_id ?? '', code, ended_at: new Date().toISOString() };
  return { history: JSON.stringify([...history, past]) };
}

/** The life cycle forbids it. Thrown, so that the queue's part of the change is rolled back too. */
class Refusal extends Error {}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}

/** Applies an event to a task if its life cycle allows it. */
async function apply(sql: Sql, task_id: string, event: TaskEvent, changes: ChangesOf): Promise<TaskRecord> {
  const query = 'SELECT * FROM heurist.task WHERE task_id = $1 FOR UPDATE';
  const [task] = await sql.query<TaskRecord>(query, [task_id]);
  const status = task && transition(task.status, event);
  if (!status) throw new Refusal();
  const given = typeof changes === 'function' ? changes(task) : changes;
  const values: Changes = { status, ...(isTerminal(status) && { ended_at: new Date() }), ...given };
  const columns = Object.keys(values).filter((column) => values[column as keyof TaskRecord] !== undefined);
  const assignments = columns.map((column, index) => `${column} = $${index + 2}`).join(', ');
  const [changed] = await sql.query<TaskRecord>(
    `UPDATE heurist.task SET ${assignments} WHERE task_id = $1 RETURNING *`,
    [task_id, ...columns.map((column) => values[column as keyof TaskRecord])],
  );
  if (isTerminal(status)) await webhookIsDue(sql, task_id);
  return changed!;
}

function ignoreLostLease(error: unknown): void {
  if (!HeuristError.isInstance(error) || error.code !== 'lease_lost') throw error;
}
