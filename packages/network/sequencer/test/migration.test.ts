// A database of the first version: its replicas go on working while a new one starts, and nothing that they made is lost.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSchema } from '../src/database/schema.ts';
import { createFolderStore, createSequencer, type Database } from '../src/index.ts';
import { openTestDatabase } from './support/database.ts';
import { echoWorkflow } from './support/network.ts';

const firstSchema = readFileSync(join(import.meta.dirname, '../fixtures/first-schema.sql'), 'utf8')
  .replace(/^--.*$/gm, '')
  .split(/;\n/)
  .filter((statement) => statement.trim());

/** What a replica of the first version sends while a task goes through it. */
async function runAsBefore(database: Database, task_id: string, timeout_seconds: number | null = null): Promise<void> {
  await database.query(
    `INSERT INTO heurist.task
       (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, status, turn)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9) ON CONFLICT (consumer_id, job_id) DO NOTHING RETURNING *`,
    [task_id, 'acme', null, 'f', 'echo', 'echo', '{"parameters":{"text":"hi"}}', timeout_seconds, 1],
  );
  await database.query('INSERT INTO heurist.webhook (task_id, url, origin) VALUES ($1, $2, $3)', [task_id, 'u', 'o']);
  await database.query(
    `UPDATE heurist.task SET status = $2, miner_id = $3, attempt = $4, claimed_at = $5, progress = $6 WHERE task_id = $1`,
    [task_id, 'running', 'rig', 1, new Date(), '{"percent":1}'],
  );
}

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
  await database.query('ALTER TABLE heurist.task DROP COLUMN traceparent');
  await createSchema(database);
  expect(await state()).toEqual(first);
  // nothing was run: the column is not back
  const columns = await database.query(`SELECT column_name FROM information_schema.columns WHERE table_name = 'task'`);
  expect(columns.map(({ column_name }) => column_name)).not.toContain('traceparent');
  await database.query(`UPDATE heurist.setting SET value = '9999' WHERE name = 'schema'`);
  await createSchema(database);
  expect(await state()).toEqual([{ value: '9999' }]);
  await database.close();
});
