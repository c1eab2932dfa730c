import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../test/support/database.ts';
import type { Database } from '../database/database.ts';
import { recordArrival } from './artifact-table.ts';
import { StoredFiles } from './stored-files.ts';
import { deleteArtifacts } from './stored-table.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  await emptyDatabase(database);
  await database.query(`DELETE FROM heurist.setting WHERE name = 'stored_until'`);
});
afterAll(() => database.close());

/** A file that arrived so many seconds ago; `undefined`: it has not. */
async function add(owner: string, bytes: number, secondsAgo: number | undefined, task_id: string | null = null) {
  const artifact_id = crypto.randomUUID();
  const stored = secondsAgo === undefined ? null : new Date(Date.now() - secondsAgo * 1000);
  await database.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, task_id, description, stored_at) VALUES ($1, $2, $3, $4, $5)`,
    [artifact_id, owner, task_id, JSON.stringify({ content_type: 'text/plain', bytes }), stored],
  );
  return artifact_id;
}

async function addTask(consumer_id: string) {
  const task_id = crypto.randomUUID();
  await database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status)
     VALUES ($1, $2, '', 'echo', 'echo', '{}', 'finished')`,
    [task_id, consumer_id],
  );
  return task_id;
}

const remove = (artifact_id: string) => database.transaction((sql) => deleteArtifacts(sql, [artifact_id]));
const bytesOf = async () =>
  Object.fromEntries(
    (await database.query('SELECT consumer_id, bytes::int FROM heurist.stored ORDER BY 1')).map((row) => [
      row.consumer_id,
      row.bytes,
    ]),
  );

test('uploads count for their owner, outputs for whoever submitted the task; each once', async () => {
  const files = new StoredFiles(database, new FakeClock());
  await add('acme', 10, 100);
  await add('rig', 200, 90, await addTask('acme'));
  await add('other', 3000, 80);
  await add('acme', 40_000, undefined);
  await files.count();
  expect(await bytesOf()).toEqual({ acme: 210, other: 3000 });
  await database.query(
    `UPDATE heurist.setting SET value = (now() - interval '1 minute')::text WHERE name = 'stored_until'`,
  );
  await add('acme', 500, 40);
  await files.count();
  await files.count();
  expect(await bytesOf()).toEqual({ acme: 710, other: 3000 });
  expect(await files.total()).toBe(3710);
});

test('what arrived a moment ago counts later, since other transactions may end after this one', async () => {
  const files = new StoredFiles(database, new FakeClock());
  const late = await add('acme', 10, 5);
  await files.count();
  expect(await bytesOf()).toEqual({});
  await database.query(`UPDATE heurist.artifact SET stored_at = stored_at - interval '1 minute'`);
  await database.query(`UPDATE heurist.setting SET value = '-infinity' WHERE name = 'stored_until'`);
  await files.count();
  expect(await bytesOf()).toEqual({ acme: 10 });
  await remove(late);
});

test('what is deleted is taken off, if it was counted', async () => {
  const files = new StoredFiles(database, new FakeClock());
  const [counted, output] = [await add('acme', 10, 100), await add('rig', 200, 100, await addTask('acme'))];
  await add('acme', 5, 100);
  await files.count();
  const young = await add('acme', 7000, 1);
  for (const artifact_id of [counted, output, young]) await remove(artifact_id);
  expect(await bytesOf()).toEqual({ acme: 5 });
});

test('a file that arrives twice counts once', async () => {
  const files = new StoredFiles(database, new FakeClock());
  const artifact_id = await add('acme', 10, 100);
  await files.count();
  await recordArrival(database, artifact_id, { content_type: 'text/plain', bytes: 10 });
  await database.query(
    `UPDATE heurist.setting SET value = (now() - interval '20 seconds')::text WHERE name = 'stored_until'`,
  );
  await files.count();
  expect(await bytesOf()).toEqual({ acme: 10 });
});

test('who keeps as much as the limit may add no more', async () => {
  const clock = new FakeClock();
  const files = new StoredFiles(database, clock);
  await add('acme', 1000, 100);
  await files.count();
  expect(await files.findRefusal('acme', 1001)).toBeUndefined();
  expect(await files.findRefusal('nobody', 1)).toBeUndefined();
  expect(await files.findRefusal('acme', 1000)).toMatchObject({
    code: 'storage_quota_exceeded',
    message: expect.stringContaining('acme keeps 1000 bytes of files here, and its limit allows 1000.'),
  });
});
