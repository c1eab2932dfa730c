import { HeuristError } from '@heurist/core';
import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { checkColumns, checkCompatible } from './check-schema.ts';
import type { Sql } from './database.ts';
import { isLockTimeout } from './postgres-errors.ts';
import { CLAIM, FINISH, SUBMIT } from './task-functions.ts';

/** A file of the network, as the parameters of a task name it. */
const NAMED_FILE = '/artifacts/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})';

/**
 * The tables; pg-boss has a schema of its own. Replicas of the previous version go on working while these statements run,
 * so they only add (an index may go), and new columns have a default. New statements go to the end; each can run again. A new index
 * of a table that may be large is made `CONCURRENTLY`: it takes minutes, in which tasks go on.
 */
export const statements: readonly string[] = [
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
  `CREATE INDEX IF NOT EXISTS task_running_place ON heurist.task (workflow_id, turn) WHERE status = 'running'`,
  'DROP INDEX IF EXISTS heurist.task_running_turn, heurist.task_waiting_turn',
  'CREATE INDEX IF NOT EXISTS artifact_input ON heurist.artifact (owner) WHERE task_id IS NULL',
  'ALTER TABLE heurist.artifact ADD COLUMN IF NOT EXISTS key_id uuid',
  `CREATE INDEX IF NOT EXISTS task_running_miner ON heurist.task (miner_id) WHERE status = 'running'`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS progress_at timestamptz',
  `CREATE INDEX IF NOT EXISTS task_retried ON heurist.task (workflow_id) WHERE status = 'waiting' AND attempt > 0`,
  'CREATE INDEX IF NOT EXISTS api_key_owner ON heurist.api_key (owner)',
  // the last turn that each owner was given in each workflow
  `CREATE TABLE IF NOT EXISTS heurist.line (
    consumer_id text NOT NULL,
    workflow_id text NOT NULL,
    turn int NOT NULL,
    PRIMARY KEY (consumer_id, workflow_id)
  )`,
  // how far each miner is trusted with each workflow, if it has failed
  `CREATE TABLE IF NOT EXISTS heurist.standing (
    workflow_id text NOT NULL,
    miner_id text NOT NULL,
    doubt int NOT NULL,
    proven int NOT NULL,
    pauses int NOT NULL,
    finished int NOT NULL,
    failures int NOT NULL,
    codes jsonb NOT NULL,
    failed_at timestamptz NOT NULL,
    paused_until timestamptz,
    PRIMARY KEY (workflow_id, miner_id)
  )`,
  'CREATE TABLE IF NOT EXISTS heurist.track_record (miner_id text PRIMARY KEY, finished int NOT NULL)',
  `CREATE INDEX IF NOT EXISTS artifact_announced ON heurist.artifact (created_at)
   WHERE task_id IS NULL AND stored_at IS NULL`,
  `ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS limits jsonb NOT NULL DEFAULT '{}'`,
  `CREATE TABLE IF NOT EXISTS heurist.owner_limit (
    role text NOT NULL,
    owner text NOT NULL,
    limits jsonb NOT NULL,
    PRIMARY KEY (role, owner)
  )`,
  // which key of its owner submitted a task, and which one of its miner runs it, on which machine
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS key_id uuid',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS miner_key_id uuid',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS machine_id text',
  // of the moment: nothing is lost if a crash of the database empties these two
  'CREATE UNLOGGED TABLE IF NOT EXISTS heurist.replica (replica_id uuid PRIMARY KEY, seen_at timestamptz NOT NULL)',
  `CREATE UNLOGGED TABLE IF NOT EXISTS heurist.open_request (
    place text NOT NULL,
    replica_id uuid NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (place, replica_id)
  )`,
  // the last turn that each workflow has served
  'CREATE INDEX IF NOT EXISTS task_served ON heurist.task (workflow_id, turn) WHERE attempt > 0',
  'DROP INDEX IF EXISTS heurist.task_running_place',
  `ALTER TABLE heurist.webhook ADD COLUMN IF NOT EXISTS owner text NOT NULL DEFAULT ''`,
  `UPDATE heurist.webhook SET owner = task.consumer_id FROM heurist.task
   WHERE task.task_id = webhook.task_id AND webhook.state = 'waiting' AND webhook.owner = ''`,
  `CREATE INDEX IF NOT EXISTS webhook_owner ON heurist.webhook (owner, next_at) WHERE state = 'waiting'`,
  // of web pages: what is counted of each
  `CREATE TABLE IF NOT EXISTS heurist.session (
    session_id uuid PRIMARY KEY,
    owner text NOT NULL,
    key_id uuid NOT NULL,
    user_id text,
    max_tasks int NOT NULL,
    tasks int NOT NULL DEFAULT 0,
    max_files int NOT NULL,
    files int NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS session_owner ON heurist.session (owner, expires_at)',
  'CREATE INDEX IF NOT EXISTS session_expires ON heurist.session (expires_at)',
  'CREATE INDEX IF NOT EXISTS api_key_id ON heurist.api_key (key_id)',
  // the session or end user that a task was submitted for
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS scope text',
  // whether waiting tasks of the owner were canceled, so that turns before or between the others are empty
  'ALTER TABLE heurist.line ADD COLUMN IF NOT EXISTS has_gap boolean NOT NULL DEFAULT false',
  'CREATE INDEX IF NOT EXISTS line_gap ON heurist.line (workflow_id) WHERE has_gap',
  // bytes of files by consumer, up to the moment that the setting stored_until names
  `CREATE TABLE IF NOT EXISTS heurist.stored (
    consumer_id text PRIMARY KEY,
    files bigint NOT NULL,
    bytes bigint NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS artifact_stored ON heurist.artifact (stored_at) WHERE stored_at IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS artifact_input_created ON heurist.artifact (created_at) WHERE task_id IS NULL',
  // when a key ends by itself, and when it was used last, to the minute
  'ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS valid_until timestamptz',
  'ALTER TABLE heurist.api_key ADD COLUMN IF NOT EXISTS used_at timestamptz',
  // what operators did
  `CREATE TABLE IF NOT EXISTS heurist.audit (
    audit_id bigserial PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    key_id uuid,
    action text NOT NULL,
    target jsonb NOT NULL,
    outcome text NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS audit_at ON heurist.audit (at)',
  // news that keys have changed, or what bounds them: with the change itself, whoever makes it, or not at all
  `CREATE OR REPLACE FUNCTION heurist.tell_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE changed text;
    BEGIN
      FOR changed IN SELECT DISTINCT owner FROM unnest(
        CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.owner] WHEN 'DELETE' THEN ARRAY[OLD.owner] WHEN 'UPDATE' THEN ARRAY[OLD.owner, NEW.owner]
        ELSE ARRAY[''] END
      ) AS row(owner) LOOP
        PERFORM pg_notify('heurist', json_build_object('from', 'database', 'events', json_build_array(), 'keys', changed)::text);
      END LOOP;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER tell_keys AFTER INSERT OR DELETE
    OR UPDATE OF hash, key_id, role, owner, valid_until, limits, max_open_tasks, max_tasks_per_minute
    ON heurist.api_key FOR EACH ROW EXECUTE FUNCTION heurist.tell_keys()`,
  `CREATE OR REPLACE TRIGGER tell_keys AFTER INSERT OR DELETE OR UPDATE
    ON heurist.owner_limit FOR EACH ROW EXECUTE FUNCTION heurist.tell_keys()`,
  `CREATE OR REPLACE TRIGGER tell_all_keys AFTER TRUNCATE ON heurist.api_key EXECUTE FUNCTION heurist.tell_keys()`,
  `CREATE OR REPLACE TRIGGER tell_all_keys AFTER TRUNCATE ON heurist.owner_limit EXECUTE FUNCTION heurist.tell_keys()`,
  // which models a task needs; whether its miner said that it held them; how long they were loaded
  `ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS model_key text NOT NULL DEFAULT ''`,
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS was_warm boolean',
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS load_ms double precision',
  // of the moment: what each machine holds, and which lines are passed by
  `CREATE UNLOGGED TABLE IF NOT EXISTS heurist.holder (
    miner_id text NOT NULL,
    machine_id text NOT NULL,
    seen_at timestamptz NOT NULL,
    held jsonb NOT NULL,
    slots int NOT NULL,
    PRIMARY KEY (miner_id, machine_id)
  )`,
  `CREATE UNLOGGED TABLE IF NOT EXISTS heurist.passed (
    line text PRIMARY KEY,
    head_id uuid NOT NULL,
    since timestamptz NOT NULL
  )`,
  // miners that said that they held models, and did not
  `CREATE TABLE IF NOT EXISTS heurist.warm_doubt (
    miner_id text PRIMARY KEY,
    doubt int NOT NULL,
    doubted_until timestamptz,
    changed_at timestamptz NOT NULL
  )`,
  // the longest wait of each workflow, and the last failures of each owner
  `CREATE INDEX CONCURRENTLY IF NOT EXISTS task_waiting_created ON heurist.task (workflow_id, created_at)
   WHERE status = 'waiting'`,
  `CREATE INDEX CONCURRENTLY IF NOT EXISTS task_failed ON heurist.task (consumer_id, ended_at) WHERE status = 'failed'`,
  // what ended in each minute of the last hour, up to the moment that the setting ended_until names
  `CREATE TABLE IF NOT EXISTS heurist.ended_count (
    minute timestamptz NOT NULL,
    workflow_id text NOT NULL,
    finished int NOT NULL,
    failed int NOT NULL,
    run_ms double precision NOT NULL,
    PRIMARY KEY (minute, workflow_id)
  )`,
  // how many tasks wait, where counting them takes long
  `CREATE TABLE IF NOT EXISTS heurist.waiting_count (
    workflow_id text PRIMARY KEY,
    waiting int NOT NULL,
    counted_at timestamptz NOT NULL
  )`,
  // files of the network that tasks name: noted with the task itself, whichever version submits it
  `CREATE TABLE IF NOT EXISTS heurist.named_file (
    artifact_id uuid NOT NULL,
    task_id uuid NOT NULL,
    PRIMARY KEY (artifact_id, task_id)
  )`,
  'CREATE INDEX IF NOT EXISTS named_file_task ON heurist.named_file (task_id)',
  `CREATE OR REPLACE FUNCTION heurist.note_files() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO heurist.named_file (artifact_id, task_id)
      SELECT DISTINCT part[1]::uuid, NEW.task_id FROM regexp_matches(NEW.task_details::text, '${NAMED_FILE}', 'g') AS part
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  `CREATE OR REPLACE TRIGGER note_files AFTER INSERT ON heurist.task
    FOR EACH ROW WHEN (NEW.task_details::text LIKE '%/artifacts/%') EXECUTE FUNCTION heurist.note_files()`,
  // of tasks that were submitted before
  `INSERT INTO heurist.named_file (artifact_id, task_id)
   SELECT DISTINCT part[1]::uuid, task_id FROM heurist.task, regexp_matches(task_details::text, '${NAMED_FILE}', 'g') AS part
   WHERE status IN ('waiting', 'running') ON CONFLICT DO NOTHING`,
  // a group of tasks in one round trip
  SUBMIT,
  CLAIM,
  FINISH,
  // the workflow made more outputs than a task can have
  'ALTER TABLE heurist.task ADD COLUMN IF NOT EXISTS truncated boolean',
];

/**
 * How many statements a version must know to work with this schema. Raise it with a change that the version before does not
 * survive, such as a column that goes: versions below then refuse to start, instead of failing later.
 */
const COMPATIBLE = 0;

interface MigrationOptions {
  /** How long one statement waits for a lock, in milliseconds: everything that comes later waits behind it. Default 2000. */
  lockMs?: number;
  /** How long it is tried again, in milliseconds. Default ten minutes. */
  patienceMs?: number;
  clock?: Clock;
}

/**
 * Creates what is missing. Call it inside `database.exclusively`, with the connection of that: in Postgres, two processes
 * that create the same thing collide. A start that has nothing to add locks nothing.
 *
 * @throws {HeuristError} `invalid_configuration` if a newer version changed the database in a way that this one does not
 *   know, or a column is missing
 * @throws {HeuristError} `unavailable` if another session, such as a backup, keeps a table locked
 */
export async function createSchema(sql: Sql, options: MigrationOptions = {}): Promise<void> {
  const { applied, compatible } = await readVersion(sql);
  checkCompatible({ known: statements.length, applied, compatible });
  if (applied < statements.length) await migrate(sql, applied, Math.max(compatible, COMPATIBLE), options);
  await checkColumns(sql, statements);
}

async function migrate(
  sql: Sql,
  applied: number,
  compatible: number,
  { lockMs = 2000, patienceMs = 600_000, clock = systemClock }: MigrationOptions,
): Promise<void> {
  const end = clock.now() + patienceMs;
  await sql.query(`SET lock_timeout = ${lockMs}`);
  const run = async (statement: string) => {
    const [, index] = CONCURRENTLY.exec(statement) ?? [];
    if (!index) return await sql.query(statement);
    // it keeps nobody waiting, and it must not begin anew for each transaction that is open for longer
    await sql.query(`SET lock_timeout = ${Math.max(lockMs, Math.round(end - clock.now()))}`);
    await dropUnfinished(sql, index);
    await sql.query(statement);
    return await sql.query(`SET lock_timeout = ${lockMs}`);
  };
  try {
    for (const statement of statements.slice(applied))
      await untilLocked(
        () => run(statement),
        () => clock.now() < end,
        clock,
      );
  } finally {
    await sql.query('RESET lock_timeout').catch(() => {});
  }
  const query = `INSERT INTO heurist.setting (name, value) VALUES ('schema', $1), ('schema_compatible', $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
  await sql.query(query, [`${statements.length}`, `${compatible}`]);
}

/** What is made without stopping writes, and its name. */
const CONCURRENTLY = /^CREATE INDEX CONCURRENTLY IF NOT EXISTS (\w+)/;

/** An index whose making was interrupted is there, and serves nothing. */
async function dropUnfinished(sql: Sql, index: string): Promise<void> {
  const query = `SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid`;
  if ((await sql.query(query, [`heurist.${index}`])).length)
    await sql.query(`DROP INDEX CONCURRENTLY heurist.${index}`);
}

/** Tries a statement until it gets its locks: a backup holds some for minutes, and others must pass between the tries. */
async function untilLocked(run: () => Promise<unknown>, mayRetry: () => boolean, clock: Clock): Promise<void> {
  const backoff = new Backoff({ firstMs: 100, maxMs: 5000 });
  for (;;) {
    try {
      await run();
      return;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (!mayRetry())
        throw new HeuristError(
          'The tables cannot be migrated: another session, such as a backup, keeps one locked. Start again when it is done.',
          { code: 'unavailable', cause: error },
        );
    }
    await clock.sleep(backoff.next());
  }
}

/** A newer version may have applied more than we know. */
async function readVersion(sql: Sql): Promise<{ applied: number; compatible: number }> {
  const [there] = await sql.query<{ name: string | null }>(`SELECT to_regclass('heurist.setting')::text AS name`);
  if (!there?.name) return { applied: 0, compatible: 0 };
  const rows = await sql.query<{ name: string; value: string }>(
    `SELECT name, value FROM heurist.setting WHERE name IN ('schema', 'schema_compatible')`,
  );
  const numberOf = (name: string) => Number(rows.find((row) => row.name === name)?.value ?? 0);
  return { applied: numberOf('schema'), compatible: numberOf('schema_compatible') };
}
