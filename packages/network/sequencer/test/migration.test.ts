// A database of the first version: its replicas go on working while a new one starts, and nothing that they made is lost.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectedColumns } from '../src/database/check-schema.ts';
import { createSchema, statements } from '../src/database/schema.ts';
import { createFolderStore, createSequencer, type Database } from '../src/index.ts';
import { openTestDatabase } from './support/database.ts';
import { echoWorkflow } from './support/network.ts';

const firstSchema = readFileSync(join(import.meta.dirname, '../fixtures/first-schema.sql'), 'utf8')
  .replace(/^--.*$/gm, '')
  .split(/;\n/)
  .filter((statement) => statement.trim());

/** A file of the network, as a task names it. */
const artifact_id = randomUUID();
const text = `https://a.example/artifacts/${artifact_id}?expires=1&signature=x`;

/** What a replica of the first version sends while a task goes through it. */
async function runAsBefore(database: Database, task_id: string, timeout_seconds: number | null = null): Promise<void> {
  await database.query(
    `INSERT INTO heurist.task
       (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, status, turn)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9) ON CONFLICT (consumer_id, job_id) DO NOTHING RETURNING *`,
    [task_id, 'acme', null, 'f', 'echo', 'echo', JSON.stringify({ parameters: { text } }), timeout_seconds, 1],
  );
  await database.query('INSERT INTO heurist.webhook (task_id, url, origin) VALUES ($1, $2, $3)', [task_id, 'u', 'o']);
  await database.query(
    `UPDATE heurist.task SET status = $2, miner_id = $3, attempt = $4, claimed_at = $5, progress = $6 WHERE task_id = $1`,
    [task_id, 'running', 'rig', 1, new Date(), '{"percent":1}'],
  );
}

/** The job of a running task, as that replica has it. */
const runJob = (database: Database, task_id: string) =>
  database.query(
    `INSERT INTO pgboss.job (id, name, state, started_on, heartbeat_on)
     VALUES ($1::uuid, 'workflow.echo', 'active', now(), now())`,
    [task_id],
  );

test('replicas of the first and of this version work side by side', async () => {
  const database = await openTestDatabase();
  await database.query('DROP SCHEMA heurist CASCADE');
  for (const statement of firstSchema) await database.query(statement);
  const [before, meanwhile] = [randomUUID(), randomUUID()];
  await runAsBefore(database, before, 3600);
  await createSchema(database);
  await runAsBefore(database, meanwhile);
  const rows = await database.query('SELECT * FROM heurist.task ORDER BY number');
  expect(rows).toMatchObject([
    { task_id: before, overdue_at: expect.any(Date), priority: 0, has_webhook: true },
    { task_id: meanwhile, overdue_at: null, priority: 0, has_webhook: true, claim_id: null },
  ]);
  // files of both stay while they are open
  const named = await database.query('SELECT task_id FROM heurist.named_file WHERE artifact_id = $1', [artifact_id]);
  expect(named.map(({ task_id }) => task_id).toSorted()).toEqual([before, meanwhile].toSorted());
  for (const task_id of [before, meanwhile]) await runJob(database, task_id);
  // a new one works with both
  const folder = mkdtempSync(join(tmpdir(), 'migration-'));
  const artifacts = createFolderStore(folder);
  const sequencer = await createSequencer({ database, artifacts, workflows: [echoWorkflow('echo')] });
  const authorization = `Bearer ${await sequencer.createKey('consumer', 'acme')}`;
  for (const task_id of [before, meanwhile]) {
    const init = { method: 'POST', headers: { authorization }, body: JSON.stringify({ task_id }) };
    expect(await (await sequencer.app.request('/task_result_query', init)).json()).toMatchObject({ status: 'running' });
    expect(await (await sequencer.app.request('/task_cancel', init)).json()).toMatchObject({ msg: 'canceled' });
  }
  await sequencer.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a start with nothing to add changes nothing, nor does one of an older version', async () => {
  const database = await openTestDatabase();
  await createSchema(database);
  const state = () => database.query(`SELECT value FROM heurist.setting WHERE name = 'schema'`);
  const first = await state();
  await database.query('DROP INDEX heurist.task_claim');
  await createSchema(database);
  expect(await state()).toEqual(first);
  // nothing was run: the index is not back
  expect(await database.query(`SELECT FROM pg_indexes WHERE indexname = 'task_claim'`)).toEqual([]);
  await database.query(`UPDATE heurist.setting SET value = '9999' WHERE name = 'schema'`);
  await createSchema(database);
  expect(await state()).toEqual([{ value: '9999' }]);
  await database.close();
});

test('the columns that a start looks for are those that its statements create', async () => {
  const database = await openTestDatabase();
  const rows = await database.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'heurist'`,
  );
  expect(expectedColumns(statements).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  await database.close();
});

test('a column that is missing is named at the start, with the way out', async () => {
  const database = await openTestDatabase();
  await database.query('ALTER TABLE heurist.task DROP COLUMN traceparent, DROP COLUMN versions');
  const failure = await createSchema(database).catch((error) => error);
  expect(failure).toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining(
      'missing columns: task.traceparent, task.versions. Restore it from a backup, or run',
    ),
  });
  const [, cure = ''] = /"(DELETE .*)"/.exec(failure.message) ?? [];
  await database.query(cure);
  await createSchema(database);
  await createSchema(database);
  await database.close();
});

test('a database that a newer version changed for good is refused; one that it only added to is not', async () => {
  const database = await openTestDatabase();
  const known = statements.length;
  const set = (schema: number, compatible: number) =>
    database.query(
      `INSERT INTO heurist.setting (name, value) VALUES ('schema', $1), ('schema_compatible', $2)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [`${schema}`, `${compatible}`],
    );
  await set(known + 2, known);
  await createSchema(database);
  await set(known + 2, known + 1);
  await expect(createSchema(database)).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: `This database was migrated by a newer version (schema ${known + 2}, for versions that know ${known + 1}; this one knows ${known}). Update this sequencer.`,
  });
  await database.close();
});
