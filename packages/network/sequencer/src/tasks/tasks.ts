import { randomUUID } from 'node:crypto';
import {
  HeuristError,
  isTerminal,
  type PastAttempt,
  type TaskErrorInfo,
  type TaskProgress,
  type TaskVersions,
} from '@heurist/core';
import { grouped, inOrder } from '@heurist/server-kit/batch';
import type { Bus } from '../bus/bus.ts';
import type { Database, Sql } from '../database/database.ts';
import { isUuid } from '../files/folder-store.ts';
import type { Claimant, ClaimedTask } from './claim-desk.ts';
import type { Claim, Dispatch } from './dispatch.ts';
import { createTasks, MOST_POSITIONS, type NewTask, type Submitted } from './new-tasks.ts';
import { AFTER, BEFORE, type TaskEvent, transition } from './task-lifecycle.ts';
import type { TaskPlace, TaskRecord } from './task-record.ts';
import { webhooksAreDue } from './webhooks.ts';

/** What a miner delivers. */
export interface Delivery {
  artifact_ids: string[];
  parameters: Record<string, unknown> | undefined;
  models: Record<string, string> | undefined;
  versions: TaskVersions | undefined;
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

/** A delivery, and by whom. */
interface Finish extends Delivery {
  claim: Claim;
}

/** A report of a miner at work. */
interface Beat {
  claim: Claim;
  progress: TaskProgress | undefined;
}

/**
 * The tasks of the network. The task table is the truth; each change and the queue's own move are one transaction. What
 * happens often is grouped: calls of about the same moment share their statements.
 */
export class Tasks {
  readonly #database: Database;
  readonly #dispatch: Dispatch;
  readonly #bus: Bus;
  readonly #create = grouped((tasks: readonly NewTask[]) => createTasks(this.#database, this.#dispatch, tasks));
  readonly #read = grouped((task_ids: readonly string[]) => readAll(this.#database, task_ids));
  readonly #finish = grouped((finishes: readonly Finish[]) => this.#finishAll(finishes));
  readonly #heartbeat = grouped((beats: readonly Beat[]) => this.#heartbeatAll(beats));
  readonly #findClaim = grouped((claim_ids: readonly string[]) => findClaims(this.#database, claim_ids));
  readonly #position = grouped((tasks: readonly TaskPlace[]) => countBefore(this.#database, tasks));

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
  async create(task: NewTask): Promise<Submitted> {
    await this.#dispatch.ensureQueue(task.workflow_id);
    // a name of its own, where it has none: a group whose commit was not answered is made again, and must not make two
    const submitted = await this.#create({ ...task, job_id: task.job_id ?? randomUUID() });
    if (submitted instanceof Error) throw submitted;
    if (submitted.task.status === 'waiting') this.#bus.workArrived(task.workflow_id);
    return submitted;
  }

  /** Whether a submit with this `job_id` was taken before. */
  async isKnown(consumer_id: string, job_id: string | null | undefined): Promise<boolean> {
    if (!job_id) return false;
    const query = 'SELECT 1 FROM heurist.task WHERE consumer_id = $1 AND job_id = $2';
    return (await this.#database.query(query, [consumer_id, job_id])).length > 0;
  }

  /** @throws {HeuristError} `not_found`, also for somebody else's task */
  async get(task_id: string, consumer_id?: string): Promise<TaskRecord> {
    const task = isUuid(task_id) ? await this.#read(task_id) : undefined;
    if (!task || (consumer_id !== undefined && task.consumer_id !== consumer_id))
      throw new HeuristError(`There is no task ${task_id}.`, { code: 'not_found', task_id });
    return task;
  }

  /** How many tasks of the same workflow are before a waiting one, as far as 10,000. */
  async queuePosition(task: TaskPlace): Promise<number> {
    return await this.#position(task);
  }

  /** Cancels a task wherever it is. Returns whether that changed anything. */
  async cancel(task: TaskRecord): Promise<boolean> {
    const { task_id, workflow_id } = task;
    return await this.#change(task_id, 'cancel', {}, async (sql) => {
      await this.#dispatch.remove(sql, task_id, workflow_id);
      return true;
    });
  }

  /** Gives miners the next tasks of some workflows, in their order, as far as there are any. */
  async claim(workflow_ids: readonly string[], claimants: readonly Claimant[]): Promise<(ClaimedTask | undefined)[]> {
    const claimed = new Array<ClaimedTask | undefined>(claimants.length).fill(undefined);
    for (let tries = 0; tries < MAX_CLAIM_TRIES; tries++) {
      // somebody may have been faster than the last look, or a task may have ended
      const places = [...claimed.keys()].filter((place) => !claimed[place]);
      const heads = await this.#dispatch.pick(workflow_ids, places.length);
      for (const [workflow_id, count] of heads) {
        const served = places.splice(0, count);
        const askers = served.map((place) => claimants[place]!);
        const found = await this.#database.transaction((sql) => this.#claimFrom(sql, workflow_id, askers));
        for (const [index, place] of served.entries()) claimed[place] = found[index];
      }
      if (!heads.size || claimed.every(Boolean)) break;
    }
    for (const found of claimed) if (found) this.#bus.taskChanged(found.task.task_id);
    return claimed;
  }

  /** What a claim got whose answer was lost. */
  async findClaim(claimant: Claimant): Promise<ClaimedTask | undefined> {
    if (claimant.claim_id === undefined) return undefined;
    const task = await this.#findClaim(claimant.claim_id);
    if (task?.miner_id !== claimant.miner_id) return undefined;
    const { task_id, workflow_id, attempt } = task;
    return { task, claim: { task_id, workflow_id, attempt: attempt - 1 } };
  }

  /** In the order of the miners. */
  async #claimFrom(
    sql: Sql,
    workflow_id: string,
    claimants: readonly Claimant[],
  ): Promise<(ClaimedTask | undefined)[]> {
    const claims = await this.#dispatch.fetch(sql, workflow_id, claimants.length);
    if (!claims.length) return [];
    const tasks = await sql.query<ClaimedTask['task']>(
      `UPDATE heurist.task AS task SET status = '${AFTER.claim}', miner_id = claim.miner_id,
         claim_id = claim.claim_id, attempt = claim.attempt + 1, claimed_at = now(), progress = NULL
       FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS claim(task_id, attempt, miner_id, claim_id)
       WHERE task.task_id = claim.task_id AND status = ANY($5)
       RETURNING task.task_id, task_type, workflow_id, task_details, task.attempt, created_at, history, traceparent`,
      [
        claims.map(({ task_id }) => task_id),
        claims.map(({ attempt }) => attempt),
        claims.map((_, index) => claimants[index]!.miner_id),
        claims.map((_, index) => claimants[index]!.claim_id ?? null),
        BEFORE.claim,
      ],
    );
    const byId = new Map(tasks.map((task) => [task.task_id, task]));
    // tasks that ended without their job: nothing must claim them again
    const ended = claims.filter(({ task_id }) => !byId.has(task_id));
    for (const { task_id } of ended) await this.#dispatch.remove(sql, task_id, workflow_id);
    return claims.map((claim) => {
      const task = byId.get(claim.task_id);
      return task && { task, claim };
    });
  }

  /**
   * Renews a lease and notes the progress.
   *
   * @returns whether the miner should stop, because the task was canceled
   * @throws {HeuristError} `lease_lost`
   */
  async heartbeat(claim: Claim, progress: TaskProgress | undefined): Promise<{ cancel: boolean }> {
    const { task, holds } = await this.#heartbeat({ claim, progress });
    if (task?.status === 'canceled' && task.attempt === claim.attempt + 1) return { cancel: true };
    if (!holds) throw leaseLost();
    if (progress) this.#bus.taskChanged(claim.task_id);
    return { cancel: false };
  }

  async #heartbeatAll(beats: readonly Beat[]): Promise<{ task: TaskRecord | undefined; holds: boolean }[]> {
    const claims = beats.map(({ claim }) => claim);
    const held = await this.#dispatch.touch(claims);
    const tasks = await readAll(
      this.#database,
      claims.map(({ task_id }) => task_id),
    );
    const heard = beats.map(({ claim, progress }, index) => {
      const task = tasks[index];
      const isCurrent = task?.status === 'running' && task.attempt === claim.attempt + 1;
      return { task, progress, holds: isCurrent && held.has(claim.task_id) };
    });
    const told = heard.filter(({ holds, progress }) => holds && progress);
    if (told.length)
      await this.#database.query(
        `UPDATE heurist.task AS task SET progress = beat.progress
         FROM jsonb_to_recordset($1) AS beat(task_id uuid, progress jsonb)
         WHERE task.task_id = beat.task_id AND status = 'running'`,
        [JSON.stringify(told.map(({ task, progress }) => ({ task_id: task?.task_id, progress })))],
      );
    return heard;
  }

  /** @throws {HeuristError} `lease_lost` unless this attempt is the one that runs */
  async checkLease(claim: Claim): Promise<void> {
    const task = await this.#read(claim.task_id);
    if (task?.status !== 'running' || task.attempt !== claim.attempt + 1) throw leaseLost();
  }

  /**
   * Ends a task well. A repeat of the same delivery, whose first answer was lost, is accepted and changes nothing.
   *
   * @throws {HeuristError} `lease_lost`
   */
  async finish(claim: Claim, delivery: Delivery): Promise<void> {
    const isFinished = await this.#finish({ claim, ...delivery });
    if (isFinished) this.#bus.taskChanged(claim.task_id);
    else await this.#checkRepeat(claim);
  }

  /** Returns which of them were allowed. */
  async #finishAll(finishes: readonly Finish[]): Promise<boolean[]> {
    const claims = finishes.map(({ claim }) => claim);
    const finished = await this.#database
      .transaction(async (sql) => {
        const completed = await this.#dispatch.complete(sql, claims);
        const rows = finishes.filter(({ claim }) => completed.has(claim.task_id));
        const tasks = rows.length ? await recordDeliveries(sql, rows) : [];
        // a job without its task would be a state that no reader expects
        if (tasks.length < completed.size) throw new Refusal();
        await webhooksAreDue(sql, tasks);
        return new Map(tasks.map(({ task_id, attempt }) => [task_id, attempt]));
      })
      .catch((error) => {
        if (finishes.length > 1) throw error;
        ignoreRefusal(error);
        return new Map<string, number>();
      });
    return claims.map(({ task_id, attempt }) => finished.get(task_id) === attempt + 1);
  }

  /** Ends an attempt badly: the task is handed out again if that can help, or fails. */
  async fail(claim: Claim, error: TaskErrorInfo): Promise<void> {
    if (error.is_retryable && !this.#dispatch.isLastAttempt(claim)) {
      const changes = (task: TaskRecord) => ({ progress: null, ...withAttempt(task, error) });
      await this.#settle(claim, 'give_back', changes, (sql) => this.#dispatch.giveBack(sql, claim));
      this.#bus.workArrived(claim.workflow_id);
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
    if (!(await this.#change(claim.task_id, event, changes, fence))) await this.#checkRepeat(claim);
  }

  /** A report that changes nothing is right only when it was made before. */
  async #checkRepeat(claim: Claim): Promise<void> {
    const task = await this.#read(claim.task_id);
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
       AND overdue_at < now()`,
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

/** In the order of the ids. */
async function readAll(sql: Sql, task_ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
  const rows = await sql.query<TaskRecord>('SELECT * FROM heurist.task WHERE task_id = ANY($1)', [
    [...new Set(task_ids)],
  ]);
  return inOrder(task_ids, rows, ({ task_id }) => task_id);
}

/** The running tasks of these claims, in their order. */
async function findClaims(sql: Sql, claim_ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
  const query = `SELECT * FROM heurist.task WHERE status = 'running' AND claim_id = ANY($1)`;
  const rows = await sql.query<TaskRecord>(query, [[...new Set(claim_ids)]]);
  return inOrder(claim_ids, rows, ({ claim_id }) => claim_id);
}

/** How many of the same workflow are before each. */
async function countBefore(sql: Sql, tasks: readonly TaskPlace[]): Promise<number[]> {
  const rows = await sql.query<{ count: number }>(
    `SELECT (
       SELECT count(*)::int FROM (
         SELECT FROM heurist.task AS task WHERE status = 'waiting' AND task.workflow_id = place.workflow_id
           AND (task.turn, task.number) < (place.turn, place.number) LIMIT ${MOST_POSITIONS}
       ) AS before
     ) AS count
     FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY AS place(workflow_id, turn, number, index)
     ORDER BY index`,
    [tasks.map(({ workflow_id }) => workflow_id), tasks.map(({ turn }) => turn), tasks.map(({ number }) => number)],
  );
  return rows.map(({ count }) => count);
}

type EndedTask = Pick<TaskRecord, 'task_id' | 'attempt' | 'has_webhook'>;

/** Returns the tasks whose attempt was the current one. */
async function recordDeliveries(sql: Sql, finishes: readonly Finish[]): Promise<EndedTask[]> {
  const rows = finishes.map(({ claim, ...delivery }) => ({
    ...delivery,
    task_id: claim.task_id,
    attempt: claim.attempt + 1,
  }));
  return await sql.query<EndedTask>(
    `UPDATE heurist.task AS task SET status = '${AFTER.finish}', ended_at = now(), artifact_ids = row.artifact_ids,
       parameters = row.parameters, models = row.models, versions = row.versions, upload_ms = row.upload_ms, result = row.result
     FROM jsonb_to_recordset($1) AS row(
       task_id uuid, attempt int, artifact_ids jsonb, parameters jsonb, models jsonb, versions jsonb, upload_ms float8, result text
     )
     WHERE task.task_id = row.task_id AND task.attempt = row.attempt AND status = ANY($2)
     RETURNING task.task_id, task.attempt, task.has_webhook`,
    [JSON.stringify(rows), BEFORE.finish],
  );
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
  if (isTerminal(status)) await webhooksAreDue(sql, [changed!]);
  return changed!;
}

function ignoreLostLease(error: unknown): void {
  if (!HeuristError.isInstance(error) || error.code !== 'lease_lost') throw error;
}
