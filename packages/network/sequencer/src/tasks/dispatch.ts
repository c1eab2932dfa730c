import { PgBoss } from 'pg-boss';
import type { Database, Sql } from '../database/database.ts';

/** A job as it was claimed: its task, and the attempt that fences it. */
export interface Claim {
  task_id: string;
  workflow_id: string;
  attempt: number;
}

/** A job counts as claimed for at most this long, whatever the heartbeats say: pg-boss's own limit. */
const LONGEST_RUN_SECONDS = 23 * 3600;
/** Waiting tasks are kept until they are run or ended: pg-boss would drop them after two weeks. */
const RETENTION_SECONDS = 365 * 24 * 3600;

/**
 * The queue: one pg-boss job a task, with the task's id and no content. Whoever settles a job must name the attempt, so
 * that a miner that comes back late changes nothing. Everything that knows pg-boss or its table is here.
 */
export class Dispatch {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #maxAttempts: number;
  readonly #queues = new Map<string, Promise<void>>();

  constructor(database: Database, maxAttempts: number, onError: (error: Error) => void) {
    this.#database = database;
    this.#maxAttempts = maxAttempts;
    this.#boss = new PgBoss({
      db: database.boss,
      backend: database.backend,
      schedule: false,
      monitorIntervalSeconds: 3600,
    });
    this.#boss.on('error', onError);
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }

  /** Makes sure that there is a queue for a workflow. Outside transactions: the embedded database has one connection. */
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
      deleteAfterSeconds: 600,
    });
    // pg-boss reads a queue's settings when it first meets it; inside a transaction that would wait for itself
    await this.#boss.touch(name, crypto.randomUUID());
  }

  /** Queues tasks, in the transaction that records them. A lower turn goes first. */
  async send(sql: Sql, tasks: readonly { task_id: string; workflow_id: string; turn: number }[]): Promise<void> {
    for (const [workflow_id, group] of Map.groupBy(tasks, (task) => task.workflow_id)) {
      const jobs = group.map(({ task_id, turn }) => ({ id: task_id, priority: -turn }));
      await this.#boss.insert(queueName(workflow_id), jobs, { db: sql.boss });
    }
  }

  /** How many jobs of which workflow should be claimed next, `count` in all if there are so many. */
  async pick(workflow_ids: readonly string[], count: number): Promise<Map<string, number>> {
    const names = new Map(workflow_ids.map((id) => [queueName(id), id]));
    const heads = await this.#database.query<{ name: string; count: number }>(
      `SELECT name, count(*)::int AS count FROM (
         SELECT head.name FROM unnest($1::text[]) AS queue(name), LATERAL (
           SELECT name, priority, created_on FROM pgboss.job
           WHERE name = queue.name AND state < 'active' AND start_after <= now()
           ORDER BY priority DESC, created_on LIMIT $2
         ) AS head ORDER BY head.priority DESC, head.created_on LIMIT $2
       ) AS heads GROUP BY name`,
      [[...names.keys()], count],
    );
    return new Map(heads.map(({ name, count }) => [names.get(name)!, count]));
  }

  /** Takes the next jobs of a workflow, at most so many. */
  async fetch(sql: Sql, workflow_id: string, batchSize: number): Promise<Claim[]> {
    const options = { includeMetadata: true, batchSize, db: sql.boss } as const;
    const jobs = await this.#boss.fetch(queueName(workflow_id), options);
    return jobs.map(({ id, retryCount }) => ({ task_id: id, workflow_id, attempt: retryCount }));
  }

  /** Renews leases. Returns the tasks whose lease still holds. */
  async touch(claims: readonly Claim[]): Promise<Set<string>> {
    return await settleAll(claims, (name, attempts) => this.#boss.touch(name, attempts));
  }

  /** Ends current attempts well. Returns the tasks whose attempt was the current one. */
  async complete(sql: Sql, claims: readonly Claim[]): Promise<Set<string>> {
    return await settleAll(claims, (name, attempts) => this.#boss.complete(name, attempts, null, { db: sql.boss }));
  }

  /** Ends the current attempt; the job is handed out again. Returns whether it was the current one. */
  async giveBack(sql: Sql, claim: Claim): Promise<boolean> {
    return isOne(await this.#boss.fail(queueName(claim.workflow_id), attemptOf(claim), null, { db: sql.boss }));
  }

  /** Ends the job for good, claimed or not. */
  async remove(sql: Sql, task_id: string, workflow_id: string): Promise<void> {
    await this.#boss.cancel(queueName(workflow_id), task_id, { db: sql.boss });
  }

  /** Ends the job for good if this attempt is the current one. Returns whether it was. */
  async removeAttempt(sql: Sql, claim: Claim): Promise<boolean> {
    return isOne(await this.#boss.cancel(queueName(claim.workflow_id), attemptOf(claim), { db: sql.boss }));
  }

  /** Whether this attempt was the last one. */
  isLastAttempt({ attempt }: Claim): boolean {
    return attempt + 1 >= this.#maxAttempts;
  }

  /** Claims whose miner has been silent for longer than a lease lasts. */
  async findSilent(leaseSeconds: number): Promise<Claim[]> {
    return await this.#database.query<Claim>(
      `SELECT task.task_id, task.workflow_id, job.retry_count AS attempt
       FROM pgboss.job AS job JOIN heurist.task AS task ON task.task_id = job.id
       WHERE job.state = 'active' AND task.status = 'running'
         AND job.heartbeat_on < now() - $1 * interval '1 second'`,
      [leaseSeconds],
    );
  }
}

/** pg-boss takes letters, digits, `_`, `-`, `.` and `/` in names; others are written as `/hex/`. */
function queueName(workflow_id: string): string {
  return `workflow.${workflow_id.replaceAll(/[^\w.-]/gu, (character) => `/${character.codePointAt(0)?.toString(16)}/`)}`;
}

function attemptOf({ task_id, attempt }: Claim) {
  return { id: task_id, retryCount: attempt };
}

/** pg-boss answers with the jobs that a call touched; its types leave that out. */
interface Settled {
  affected: number;
  settled: string[];
}

/** One call for the claims of each workflow. Returns the tasks that it touched. */
async function settleAll(
  claims: readonly Claim[],
  call: (name: string, attempts: ReturnType<typeof attemptOf>[]) => Promise<object>,
): Promise<Set<string>> {
  const settled = new Set<string>();
  for (const [workflow_id, group] of Map.groupBy(claims, (claim) => claim.workflow_id)) {
    const response = (await call(queueName(workflow_id), group.map(attemptOf))) as Settled;
    for (const task_id of response.settled) settled.add(task_id);
  }
  return settled;
}

function isOne(response: object): boolean {
  return (response as Settled).affected === 1;
}
