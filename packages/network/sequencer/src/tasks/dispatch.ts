import { type Db, PgBoss } from 'pg-boss';
import type { Database, Sql } from '../database/database.ts';
import { attemptOf, retryCountOf } from '../database/retry-count.ts';
import { type OpenTask, walkOpen } from './table/read-tasks.ts';
import type { WaitingLine } from './turns.ts';

/** A miner's claim on a task. */
export interface Claim {
  task_id: string;
  workflow_id: string;
  /** From 1. Fences off a miner that comes back late. */
  attempt: number;
}

/** The jobs of a workflow that wait. */
export interface WaitingJobs extends WaitingLine {
  /** The first of them. */
  head_id: string;
  /** The time, by the database's clock. */
  now: number;
}

/** An open task that has no job of the same state. */
export interface Stray extends Claim {
  status: 'waiting' | 'running';
  turn: number;
}

/** pg-boss's own limit of a job's run, whatever the heartbeats say. */
const LONGEST_RUN_SECONDS = 23 * 3600;
/** How often pg-boss looks for jobs that ran for too long. */
const SUPERVISE_SECONDS = 60;
/** How long a job is kept after its end. */
const KEEP_ENDED_SECONDS = 600;
/** Waiting tasks are kept until they run or end: pg-boss would drop them after two weeks. */
const RETENTION_SECONDS = 365 * 24 * 3600;

/** The one question that joins tasks with jobs: both must be of the same moment. */
const STRAYS = `SELECT task.task_id, task.workflow_id, task.status, task.attempt, task.turn
  FROM heurist.task AS task LEFT JOIN pgboss.job AS job ON job.id = task.task_id
  WHERE task.status IN ('waiting', 'running') AND CASE task.status
    WHEN 'running' THEN job.state::text IS DISTINCT FROM 'active'
    ELSE coalesce(job.state::text, '') NOT IN ('created', 'retry') END`;
/** How many jobs are deleted in one statement. */
const DELETED = 2000;
/** How many are deleted in one pass, about: what a busy network makes in minutes. */
const DELETED_IN_PASS = 200_000;
/** How many are repaired at a time, about. */
const MAX_STRAYS = 500;
/** How many open tasks are compared with their jobs in one pass, after the first one of this process. */
const COMPARED_IN_PASS = 5000;
/** How many open tasks are compared with their jobs in one statement: others wait for it in the embedded database. */
const COMPARED = 1000;
/** The states of a job that fit those of its task. */
const FITTING = { waiting: ['created', 'retry'], running: ['active'] };

/**
 * The queue: one pg-boss job per task, with the task's id and no content. Whoever settles a job names the attempt, so that
 * a miner that comes back late changes nothing. Everything that knows pg-boss or its table is here.
 */
export class Dispatch {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #maxAttempts: number;
  readonly #queues = new Map<string, Promise<void>>();
  /** Where the next pass over the open tasks goes on; `undefined`: at the oldest. */
  #place: OpenTask | undefined;
  #hasComparedAll = false;

  /**
   * @param maxAttempts - how often a task is handed out at most
   */
  constructor(database: Database, maxAttempts: number, onError: (error: Error) => void) {
    this.#database = database;
    this.#maxAttempts = maxAttempts;
    this.#boss = new PgBoss({
      db: dbOf(database),
      backend: database.backend,
      schedule: false,
      monitorIntervalSeconds: 3600,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.#boss.on('error', onError);
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }

  /** Makes sure that a workflow has a queue. Outside transactions: the embedded database has one connection. */
  async ensureQueue(workflow_id: string): Promise<void> {
    const name = queueName(workflow_id);
    const creating = this.#queues.get(name) ?? this.#createQueue(name);
    this.#queues.set(name, creating);
    creating.catch(() => this.#queues.delete(name));
    await creating;
  }

  async #createQueue(name: string): Promise<void> {
    await this.#boss.createQueue(name, {
      retryLimit: this.#maxAttempts - 1,
      retryDelay: 0,
      expireInSeconds: LONGEST_RUN_SECONDS,
      retentionSeconds: RETENTION_SECONDS,
      deleteAfterSeconds: KEEP_ENDED_SECONDS,
    });
    // pg-boss reads a queue's settings when it first meets it; inside a transaction that would wait for itself
    await this.#boss.touch(name, crypto.randomUUID());
  }

  /** Queues tasks, in the transaction that records them. A lower turn goes first. */
  async send(sql: Sql, tasks: readonly { task_id: string; workflow_id: string; turn: number }[]): Promise<void> {
    for (const [workflow_id, group] of Map.groupBy(tasks, (task) => task.workflow_id)) {
      const jobs = group.map(({ task_id, turn }) => ({ id: task_id, priority: -turn }));
      await this.#boss.insert(queueName(workflow_id), jobs, { db: dbOf(sql) });
    }
  }

  /**
   * How many jobs of each workflow wait, up to `count`, and since when the first one does. `NOT blocked` is a condition of
   * pg-boss's index: without it each claim reads the whole table.
   *
   * @returns the workflows with waiting jobs, each with the id of its first one; `now` is the database's clock, as `since` is, in milliseconds
   */
  async findWaiting(workflow_ids: readonly string[], count: number): Promise<WaitingJobs[]> {
    if (!workflow_ids.length) return [];
    const names = new Map(workflow_ids.map((id) => [queueName(id), id]));
    const rows = await this.#database.query<{ name: string } & Omit<WaitingJobs, 'workflow_id'>>(
      `SELECT queue.name, count(*)::int AS count,
         extract(epoch FROM (array_agg(created_on ORDER BY priority DESC, created_on))[1])::float8 * 1000 AS since,
         (array_agg(id ORDER BY priority DESC, created_on))[1] AS head_id,
         extract(epoch FROM clock_timestamp())::float8 * 1000 AS now
       FROM unnest($1::text[]) AS queue(name), LATERAL (
         SELECT id, priority, created_on FROM pgboss.job
         WHERE name = queue.name AND state < 'active' AND NOT blocked AND start_after <= now()
         ORDER BY priority DESC, created_on LIMIT $2
       ) AS head GROUP BY queue.name`,
      [[...names.keys()], count],
    );
    return rows.map(({ name, ...line }) => ({ ...line, workflow_id: names.get(name)! }));
  }

  /** Locks those of these jobs that wait and that no other transaction holds. */
  async lockFree(sql: Sql, jobs: readonly { task_id: string; workflow_id: string }[]): Promise<Set<string>> {
    const rows = await sql.query<{ id: string }>(
      `SELECT job.id FROM unnest($1::text[], $2::uuid[]) AS wanted(name, id)
       JOIN pgboss.job AS job ON job.name = wanted.name AND job.id = wanted.id
       WHERE job.state < 'active' FOR UPDATE OF job SKIP LOCKED`,
      [jobs.map(({ workflow_id }) => queueName(workflow_id)), jobs.map(({ task_id }) => task_id)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Moves waiting jobs back by some turns, or forward by a negative number. Returns those that still waited. */
  async moveTurns(
    sql: Sql,
    jobs: readonly { task_id: string; workflow_id: string; turns: number }[],
  ): Promise<Set<string>> {
    const rows = await sql.query<{ id: string }>(
      `UPDATE pgboss.job AS job SET priority = priority - moved.turns
       FROM unnest($1::uuid[], $2::text[], $3::int[]) AS moved(id, name, turns)
       WHERE job.id = moved.id AND job.name = moved.name AND job.state < 'active' RETURNING job.id`,
      [
        jobs.map(({ task_id }) => task_id),
        jobs.map(({ workflow_id }) => queueName(workflow_id)),
        jobs.map(({ turns }) => turns),
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Takes the next jobs of a workflow, at most `batchSize`. */
  async fetch(sql: Sql, workflow_id: string, batchSize: number): Promise<Claim[]> {
    const options = { includeMetadata: true, batchSize, db: dbOf(sql) } as const;
    const jobs = await this.#boss.fetch(queueName(workflow_id), options);
    return jobs.map(({ id, retryCount }) => ({ task_id: id, workflow_id, attempt: attemptOf(retryCount) }));
  }

  /**
   * Takes these jobs of a workflow, in their order, as `fetch` would: those that wait and that no other transaction holds. What pg-boss sets when it
   * hands out a job is set here too; `queue-traps.test.ts` compares.
   */
  async fetchThese(sql: Sql, workflow_id: string, task_ids: readonly string[]): Promise<Claim[]> {
    const rows = await sql.query<{ id: string; retry_count: number }>(
      `WITH next AS (
         SELECT job.id FROM pgboss.job AS job WHERE job.name = $1 AND job.id = ANY($2::uuid[])
           AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
         FOR UPDATE OF job SKIP LOCKED
       )
       UPDATE pgboss.job AS job SET state = 'active', started_on = now(), heartbeat_on = now(),
         retry_count = CASE WHEN started_on IS NOT NULL THEN retry_count + 1 ELSE retry_count END
       FROM next WHERE job.name = $1 AND job.id = next.id RETURNING job.id, job.retry_count`,
      [queueName(workflow_id), task_ids],
    );
    const counts = new Map(rows.map(({ id, retry_count }) => [id, retry_count]));
    return task_ids.flatMap((task_id) => {
      const retryCount = counts.get(task_id);
      return retryCount === undefined ? [] : [{ task_id, workflow_id, attempt: attemptOf(retryCount) }];
    });
  }

  /**
   * Renews leases, of all workflows in one statement, as pg-boss's `touch` does for one. A long lease is written as a heartbeat that is
   * yet to come: so {@link findExpired} needs to know no more than the shortest lease, and neither do replicas of the version before.
   *
   * @param renewals - `extraSeconds`: by how much the lease is longer than the shortest one
   * @returns the tasks whose lease still holds
   */
  async renew(renewals: readonly (Claim & { extraSeconds: number })[]): Promise<Set<string>> {
    if (!renewals.length) return new Set();
    // one order for all, or heartbeats of the same tasks at two replicas might wait for each other
    const sorted = renewals.toSorted((a, b) => (a.task_id < b.task_id ? -1 : 1));
    const rows = await this.#database.query<{ id: string }>(
      `UPDATE pgboss.job AS job SET heartbeat_on = now() + extra * interval '1 second'
       FROM unnest($1::text[], $2::uuid[], $3::int[], $4::float8[]) AS renewal(name, id, retry_count, extra)
       WHERE job.name = renewal.name AND job.id = renewal.id AND job.retry_count = renewal.retry_count
         AND job.state = 'active' RETURNING job.id`,
      [
        sorted.map(({ workflow_id }) => queueName(workflow_id)),
        sorted.map(({ task_id }) => task_id),
        sorted.map(({ attempt }) => retryCountOf(attempt)),
        sorted.map(({ extraSeconds }) => extraSeconds),
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Completes jobs. Returns the tasks whose attempt was the current one. */
  async complete(sql: Sql, claims: readonly Claim[]): Promise<Set<string>> {
    return await settleAll(claims, (name, jobs) => this.#boss.complete(name, jobs, null, { db: dbOf(sql) }));
  }

  /** Ends attempts; their jobs are handed out again. Returns the tasks whose attempt was the current one. */
  async handOutAgain(sql: Sql, claims: readonly Claim[]): Promise<Set<string>> {
    return await settleAll(claims, (name, jobs) => this.#boss.fail(name, jobs, null, { db: dbOf(sql) }));
  }

  /** Removes the job, claimed or not. */
  async remove(sql: Sql, task_id: string, workflow_id: string): Promise<void> {
    await this.removeAll(sql, [{ task_id, workflow_id }]);
  }

  /** Removes jobs, claimed or not. */
  async removeAll(sql: Sql, tasks: readonly { task_id: string; workflow_id: string }[]): Promise<void> {
    for (const [workflow_id, group] of Map.groupBy(tasks, (task) => task.workflow_id)) {
      const ids = group.map(({ task_id }) => task_id);
      await this.#boss.cancel(queueName(workflow_id), ids, { db: dbOf(sql) });
    }
  }

  /** Removes the jobs of attempts. Returns the tasks whose attempt was the current one. */
  async removeAttempts(sql: Sql, claims: readonly Claim[]): Promise<Set<string>> {
    return await settleAll(claims, (name, jobs) => this.#boss.cancel(name, jobs, { db: dbOf(sql) }));
  }

  /**
   * Open tasks without a job of their state, a few hundred at most. Batch by batch, so that a long queue stops nobody; a task may
   * change meanwhile, so ask {@link isStray} once more. The first passes of a process, which may have a restored backup before it, compare
   * all tasks; each later one compares as many as a usual queue has, and goes on where the last one ended.
   *
   * @param most - how many are compared in a later pass, about
   */
  async findStrays(sql: Sql, batchSize: number = COMPARED, most: number = COMPARED_IN_PASS): Promise<Stray[]> {
    const strays: Stray[] = [];
    let compared = 0;
    do {
      const tasks = await walkOpen(sql, this.#place, batchSize);
      strays.push(...(await withoutJobs(sql, tasks)));
      compared += tasks.length;
      this.#place = tasks.length === batchSize ? tasks.at(-1) : undefined;
      this.#hasComparedAll ||= !this.#place;
    } while (this.#place && strays.length < MAX_STRAYS && (!this.#hasComparedAll || compared < most));
    return strays;
  }

  /**
   * Deletes jobs that ended ten minutes ago, batch after batch. pg-boss's own maintenance reads every job for that, the waiting ones too,
   * so it does it once a day.
   *
   * @param most - how many are deleted of a workflow, about
   * @returns whether more may be left
   */
  async deleteEnded(
    sql: Sql,
    signal?: AbortSignal,
    batchSize: number = DELETED,
    most: number = DELETED_IN_PASS,
  ): Promise<boolean> {
    const queues = await sql.query<{ name: string }>('SELECT name FROM pgboss.queue');
    let hasMore = false;
    for (const { name } of queues) {
      let [deleted, all] = [batchSize, 0];
      while (deleted === batchSize && all < most && !signal?.aborted) {
        deleted = await deleteEndedJobs(sql, name, batchSize);
        all += deleted;
      }
      hasMore ||= deleted === batchSize;
    }
    return hasMore;
  }

  async isStray(sql: Sql, task_id: string): Promise<boolean> {
    return (await sql.query(`${STRAYS} AND task.task_id = $1::uuid`, [task_id])).length > 0;
  }

  /** Gives a task a new job, for its next attempt. */
  async replaceJob(sql: Sql, { attempt, ...task }: Stray): Promise<boolean> {
    const job = [queueName(task.workflow_id), task.task_id];
    await sql.query('DELETE FROM pgboss.job WHERE name = $1 AND id = $2::uuid', job);
    await this.send(sql, [task]);
    const query = 'UPDATE pgboss.job SET retry_count = $3 WHERE name = $1 AND id = $2::uuid';
    await sql.query(query, [...job, retryCountOf(attempt + 1)]);
    return true;
  }

  /** Whether a task is not handed out again after this attempt. */
  isLastAttempt({ attempt }: Pick<Claim, 'attempt'>): boolean {
    return attempt >= this.#maxAttempts;
  }

  /**
   * Claimed jobs whose lease is over: their last heartbeat, which for a long lease is yet to come, is more than `leaseSeconds` old.
   *
   * @param leaseSeconds - the shortest lease
   */
  async findExpired(leaseSeconds: number): Promise<(Omit<Claim, 'workflow_id'> & { silentSeconds: number })[]> {
    const rows = await this.#database.query<{ id: string; retry_count: number; silent: number }>(
      `SELECT id, retry_count, extract(epoch FROM now() - heartbeat_on)::float8 AS silent FROM pgboss.job
       WHERE state = 'active' AND heartbeat_on < now() - $1 * interval '1 second'`,
      [leaseSeconds],
    );
    return rows.map(({ id, retry_count, silent }) => ({
      task_id: id,
      attempt: attemptOf(retry_count),
      silentSeconds: silent,
    }));
  }
}

/** Returns how many there were. */
async function deleteEndedJobs(sql: Sql, name: string, limit: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `WITH deleted AS (
       DELETE FROM pgboss.job WHERE name = $1 AND id = ANY(ARRAY(
         SELECT id FROM pgboss.job WHERE name = $1 AND completed_on < now() - interval '${KEEP_ENDED_SECONDS} seconds'
         ORDER BY completed_on LIMIT $2 FOR UPDATE SKIP LOCKED
       )) RETURNING 1
     ) SELECT count(*)::int AS count FROM deleted`,
    [name, limit],
  );
  return row!.count;
}

/** Those that have no job of their state. */
async function withoutJobs(sql: Sql, tasks: readonly OpenTask[]): Promise<OpenTask[]> {
  const rows = await sql.query<{ id: string; state: string }>(
    // by name and id, as pg-boss's own index has them
    `SELECT job.id, job.state::text AS state FROM unnest($1::text[], $2::uuid[]) AS wanted(name, id)
     JOIN pgboss.job AS job ON job.name = wanted.name AND job.id = wanted.id`,
    [tasks.map(({ workflow_id }) => queueName(workflow_id)), tasks.map(({ task_id }) => task_id)],
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  return tasks.filter(({ task_id, status }) => !FITTING[status].includes(states.get(task_id) ?? ''));
}

/** A connection as pg-boss wants it: its calls join the transaction. */
function dbOf(sql: Sql): Db {
  return { executeSql: async (text, values) => ({ rows: await sql.query(text, values) }) };
}

/** pg-boss allows letters, digits, `_`, `-`, `.` and `/` in names; other characters are written as `/hex/`. */
export function queueName(workflow_id: string): string {
  return `workflow.${workflow_id.replaceAll(/[^\w.-]/gu, (character) => `/${character.codePointAt(0)?.toString(16)}/`)}`;
}

/** How pg-boss names a job at one attempt: only with its `retryCount` is a call fenced. */
function jobOf({ task_id, attempt }: Claim) {
  return { id: task_id, retryCount: retryCountOf(attempt) };
}

/** pg-boss responds with the jobs that a call changed; its types leave that out. */
interface Settled {
  settled: string[];
}

/** One call for the claims of each workflow. Returns the tasks that it changed. */
async function settleAll(
  claims: readonly Claim[],
  call: (name: string, jobs: ReturnType<typeof jobOf>[]) => Promise<object>,
): Promise<Set<string>> {
  const settled = new Set<string>();
  for (const [workflow_id, group] of Map.groupBy(claims, (claim) => claim.workflow_id)) {
    const response = (await call(queueName(workflow_id), group.map(jobOf))) as Settled;
    for (const task_id of response.settled) settled.add(task_id);
  }
  return settled;
}
