// Fills the tables of a network as months of use would: tasks that wait, tasks that have ended, their jobs, files and webhooks.
import { createHash } from 'node:crypto';
import type { Database, Sql } from '@heurist/sequencer';

/** How many tasks there are. */
export interface Size {
  waiting: number;
  ended: number;
}

/** Rows of one statement. */
const SLICE = 100_000;
/** Each has as many tasks as the others, and one in each turn. */
const OWNERS = 1000;
/** The tasks that ended did so within this time. */
const ENDED_HOURS = 24;

/** Of the n-th task that waits or has ended, and of a file: the same in all tables. */
const idOf = (kind: 'waiting' | 'ended' | 'file', n: string) => `md5('${kind}' || ${n})::uuid`;

/** The owner of some of the tasks. */
export const OWNER = 'owner0';

/** Ids of those of its tasks that ended last, half of them at most. */
export function lastEnded(ended: number, count: number): string[] {
  const last = Math.floor(ended / OWNERS);
  return Array.from({ length: Math.min(count, Math.ceil(last / 2)) }, (_, index) => {
    const hash = createHash('md5')
      .update(`ended${(last - index) * OWNERS}`)
      .digest('hex');
    return hash.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  });
}

/** Fills the tables of a database whose sequencer does not run. Indexes are made afterwards, which takes a third of the time. */
export async function fillTables(database: Database, { waiting, ended }: Size): Promise<void> {
  const lastTurn = Math.ceil(ended / OWNERS);
  // on a connection whose statements may take long
  await database.exclusively(async (sql) => {
    await sql.query(`SET maintenance_work_mem = '512MB'`);
    // without triggers, which would look up the queue of each job
    await sql.query(`SET session_replication_role = replica`);
    await sql.query('SET synchronous_commit = off');
    const restore = await dropIndexes(sql);
    await inSlices(ended, (from, to) => addEnded(sql, from, to, ended));
    await inSlices(waiting, (from, to) => addWaiting(sql, from, to, lastTurn));
    await sql.query(
      `INSERT INTO heurist.line (consumer_id, workflow_id, turn)
       SELECT 'owner' || n, 'echo', $1 FROM generate_series(0, ${OWNERS - 1}) AS n ON CONFLICT DO NOTHING`,
      [lastTurn + Math.ceil(waiting / OWNERS)],
    );
    // once a day, pg-boss reads all jobs: not now
    await sql.query('UPDATE pgboss.queue SET maintain_on = now()');
    for (const index of restore) await sql.query(index);
    await sql.query('VACUUM (ANALYZE)');
  });
}

async function inSlices(count: number, add: (from: number, to: number) => Promise<void>): Promise<void> {
  for (let from = 1; from <= count; from += SLICE) await add(from, Math.min(count, from + SLICE - 1));
}

/** One in fifty failed; each tenth has a file and a webhook. */
async function addEnded(sql: Sql, from: number, to: number, ended: number): Promise<void> {
  const id = idOf('ended', 'n');
  await sql.query(
    `INSERT INTO heurist.task (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, status,
       attempt, miner_id, result, turn, created_at, claimed_at, ended_at, has_webhook, error)
     SELECT ${id}, 'owner' || n % ${OWNERS}, n::text, md5(n::text), 'echo', 'echo',
       jsonb_build_object('parameters', jsonb_build_object('text', repeat('x', 200))),
       CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'finished' END, 1, 'miner' || n % 1000, repeat('x', 200), n / ${OWNERS},
       at - interval '9 seconds', at - interval '8 seconds', at, n % 10 = 0,
       CASE WHEN n % 50 = 0 THEN '{"code":"execution_failed"}'::jsonb END
     FROM generate_series($1::int, $2::int) AS n,
       LATERAL (SELECT now() - ($3::int - n) * interval '${ENDED_HOURS} hours' / $3::int AS at) AS time`,
    [from, to, ended],
  );
  await sql.query(
    `INSERT INTO pgboss.job (id, name, priority, state, created_on, started_on, completed_on, deletion_seconds, retry_limit)
     SELECT ${id}, 'workflow.echo', -n / ${OWNERS}, 'completed', now(), now(), now(), 1000000000, 2
     FROM generate_series($1::int, $2::int) AS n`,
    [from, to],
  );
  await sql.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, task_id, attempt, description, stored_at, created_at)
     SELECT gen_random_uuid(), 'miner' || n % 1000, ${id}, 0, '{"content_type":"image/png","bytes":1000}',
       now() - interval '1 day', now() - interval '1 day'
     FROM generate_series($1::int, $2::int) AS n WHERE n % 10 = 0`,
    [from, to],
  );
  await sql.query(
    `INSERT INTO heurist.webhook (task_id, owner, url, origin, state)
     SELECT ${id}, 'owner' || n % ${OWNERS}, '', '', 'delivered' FROM generate_series($1::int, $2::int) AS n WHERE n % 10 = 0`,
    [from, to],
  );
}

/** Each tenth names a file of the network, which a trigger would have noted. */
async function addWaiting(sql: Sql, from: number, to: number, lastTurn: number): Promise<void> {
  const id = idOf('waiting', 'n');
  await sql.query(
    `INSERT INTO heurist.task (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, status, turn,
       created_at, has_webhook)
     SELECT ${id}, 'owner' || n % ${OWNERS}, 'w' || n, md5(n::text), 'echo', 'echo',
       jsonb_build_object('parameters', jsonb_build_object('text', repeat('x', 200)) || CASE WHEN n % 10 = 0
         THEN jsonb_build_object('image_url', 'https://a.example/artifacts/' || ${idOf('file', 'n')} || '?expires=1') ELSE '{}' END),
       'waiting', $3::int + 1 + n / ${OWNERS}, now() - interval '1 hour' + n * interval '1 millisecond', false
     FROM generate_series($1::int, $2::int) AS n`,
    [from, to, lastTurn],
  );
  await sql.query(
    `INSERT INTO pgboss.job (id, name, priority, state, retry_limit, deletion_seconds, keep_until)
     SELECT ${id}, 'workflow.echo', -($3::int + 1 + n / ${OWNERS}), 'created', 2, 600, now() + interval '1 year'
     FROM generate_series($1::int, $2::int) AS n`,
    [from, to, lastTurn],
  );
  await sql.query(
    `INSERT INTO heurist.named_file (artifact_id, task_id)
     SELECT ${idOf('file', 'n')}, ${id} FROM generate_series($1::int, $2::int) AS n WHERE n % 10 = 0`,
    [from, to],
  );
}

/** Drops the indexes of the big tables, but for those of constraints. Returns the statements that make them again. */
async function dropIndexes(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string; statement: string }>(
    `SELECT format('%I.%I', namespace.nspname, class.relname) AS name, pg_get_indexdef(indexrelid) AS statement
     FROM pg_index JOIN pg_class AS class ON class.oid = indexrelid
     JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
     WHERE indrelid IN (SELECT unnest(ARRAY['heurist.task', 'heurist.artifact', 'pgboss.job', 'pgboss.job_common']::regclass[]))
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
       AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
     ORDER BY class.relkind = 'I' DESC`,
  );
  for (const { name } of rows) await sql.query(`DROP INDEX ${name}`);
  return rows.map(({ statement }) => statement);
}
