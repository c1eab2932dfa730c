import type { Database } from './database.ts';

/**
 * The tables; pg-boss has a schema of its own. Replicas of the previous version go on working while these statements run,
 * so they only add (an index may go), and new columns have a default. New statements go to the end; each can run again.
 */
const statements = [
  'CREATE SCHEMA IF NOT EXISTS heurist',
  `CREATE TABLE IF NOT EXISTS heurist.task (
    task_id uuid PRIMARY KEY,
    number bigserial,
    consumer_id text NOT NULL,
    job_id text,
    fingerprint text NOT NULL,
    task_type text NOT NULL,
    workflow_id text NOT NULL,
    task_details jsonb NOT NULL,
    timeout_seconds double precision,
    status text NOT NULL,
    attempt int NOT NULL DEFAULT 0,
    miner_id text,
    progress jsonb,
    result text,
    artifact_ids jsonb,
    error jsonb,
    parameters jsonb,
    models jsonb,
    upload_ms double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    claimed_at timestamptz,
    ended_at timestamptz,
    UNIQUE (consumer_id, job_id)
  )`,
  'CREATE INDEX IF NOT EXISTS task_ended ON heurist.task (ended_at) WHERE ended_at IS NOT NULL',
  `ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS history jsonb NOT NULL DEFAULT '[]'`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS turn int NOT NULL DEFAULT 0',
  `CREATE INDEX IF NOT EXISTS task_waiting_turn ON heurist.task (turn, number) WHERE status = 'waiting'`,
  `CREATE INDEX IF NOT EXISTS task_running_turn ON heurist.task (turn) WHERE status = 'running'`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS overdue_at timestamptz',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS has_webhook boolean NOT NULL DEFAULT true',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS traceparent text',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS claim_id text',
  `CREATE INDEX IF NOT EXISTS task_claim ON heurist.task (claim_id) WHERE status = 'running'`,
  'DROP INDEX IF EXISTS heurist.task_open, heurist.task_consumer_turn',
  `CREATE INDEX IF NOT EXISTS task_place ON heurist.task (workflow_id, turn, number) WHERE status = 'waiting'`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS priority int NOT NULL DEFAULT 0',
  `CREATE INDEX IF NOT EXISTS task_line ON heurist.task (consumer_id, workflow_id, priority, status, turn)
   WHERE status IN ('waiting', 'running')`,
  `CREATE INDEX IF NOT EXISTS task_overdue ON heurist.task (overdue_at)
   WHERE status IN ('waiting', 'running') AND overdue_at IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS heurist.artifact (
    artifact_id uuid PRIMARY KEY,
    owner text NOT NULL,
    task_id uuid,
    attempt int,
    description jsonb NOT NULL,
    stored_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX IF NOT EXISTS artifact_task ON heurist.artifact (task_id)',
  `CREATE TABLE IF NOT EXISTS heurist.api_key (
    hash text PRIMARY KEY,
    role text NOT NULL,
    owner text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS key_id uuid NOT NULL DEFAULT gen_random_uuid()',
  'ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS max_open_tasks int',
  'ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS max_tasks_per_minute int',
  'CREATE INDEX IF NOT EXISTS task_consumer ON heurist.task (consumer_id, created_at)',
  `CREATE TABLE IF NOT EXISTS heurist.miner (
    miner_id text PRIMARY KEY,
    seen_at timestamptz NOT NULL,
    offers jsonb NOT NULL,
    lacks jsonb NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS heurist.webhook (
    task_id uuid PRIMARY KEY,
    url text NOT NULL,
    origin text NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT 'infinity',
    last_error text
  )`,
  `CREATE INDEX IF NOT EXISTS webhook_due ON heurist.webhook (next_at) WHERE state = 'waiting'`,
  `CREATE INDEX IF NOT EXISTS webhook_dead ON heurist.webhook (task_id) WHERE state = 'dead'`,
  'CREATE UNLOGGED TABLE IF NOT EXISTS heurist.preview (task_id uuid PRIMARY KEY, preview text NOT NULL)',
  'CREATE TABLE IF NOT EXISTS heurist.setting (name text PRIMARY KEY, value text NOT NULL)',
  // rows of a version without this column
  `UPDATE heurist.task SET overdue_at = created_at + timeout_seconds * interval '1 second'
   WHERE status IN ('waiting', 'running') AND overdue_at IS NULL AND timeout_seconds IS NOT NULL`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS versions jsonb',
  `CREATE INDEX IF NOT EXISTS task_open_created ON heurist.task (created_at) WHERE status IN ('waiting', 'running')`,
];

/**
 * Creates what is missing. Call it inside `database.exclusively`: in Postgres, two processes that create the same thing
 * collide. A start that has nothing to add locks nothing.
 */
export async function createSchema(database: Database): Promise<void> {
  const applied = await countApplied(database);
  if (applied >= statements.length) return;
  for (const statement of statements.slice(applied)) await database.query(statement);
  const query = `INSERT INTO heurist.setting (name, value) VALUES ('schema', $1) ON CONFLICT (name) DO UPDATE SET value = $1`;
  await database.query(query, [`${statements.length}`]);
}

/** A newer version may have applied more than we know. */
async function countApplied(database: Database): Promise<number> {
  const [there] = await database.query<{ name: string | null }>(`SELECT to_regclass('heurist.setting')::text AS name`);
  if (!there?.name) return 0;
  const [row] = await database.query<{ value: string }>(`SELECT value FROM heurist.setting WHERE name = 'schema'`);
  return Number(row?.value ?? 0);
}
