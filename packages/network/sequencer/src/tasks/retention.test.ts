import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { createSchema } from '../database/schema.ts';
import { createFolderStore } from '../files/folder-store.ts';
import { Retention } from './retention.ts';

const folder = mkdtempSync(join(tmpdir(), 'retention-'));
const store = createFolderStore(folder);
let database: Database;
beforeAll(async () => {
  database = await openDatabase();
  await createSchema(database);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

async function addTask(status: string, daysAgo: number) {
  const task_id = crypto.randomUUID();
  const ended = /waiting|running/.test(status) ? null : new Date(Date.now() - daysAgo * 86_400_000);
  await database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, created_at, ended_at)
     VALUES ($1, 'me', '', 'echo', 'echo', '{}', $2, $3, $4)`,
    [task_id, status, new Date(Date.now() - daysAgo * 86_400_000), ended],
  );
  return task_id;
}

async function addFile(task_id: string | null, daysAgo: number) {
  const artifact_id = crypto.randomUUID();
  await store.write(artifact_id, new Blob(['x']).stream(), { bytes: 1, content_type: 'text/plain' });
  await database.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, task_id, description, created_at) VALUES ($1, 'me', $2, '{}', $3)`,
    [artifact_id, task_id, new Date(Date.now() - daysAgo * 86_400_000)],
  );
  return artifact_id;
}

const isThere = (artifact_id: string) => existsSync(join(folder, artifact_id.slice(0, 2), artifact_id));
const tasks = async () => (await database.query('SELECT task_id FROM heurist.task')).map(({ task_id }) => task_id);

test('tasks that ended long ago go with their files; what is young, or not ended, stays', async () => {
  const old = await addTask('finished', 40);
  const failed = await addTask('failed', 31);
  const young = await addTask('finished', 29);
  const [oldFile, youngFile, oldInput, youngInput] = [
    await addFile(old, 40),
    await addFile(young, 29),
    await addFile(null, 45),
    await addFile(null, 5),
  ];
  await new Retention(database, store, 0).sweep();
  expect(await tasks()).toHaveLength(3);
  await new Retention(database, store, 30).sweep();
  expect(await tasks()).toEqual([young]);
  expect([oldFile, youngFile, oldInput, youngInput].map(isThere)).toEqual([false, true, false, true]);
  expect(await database.query('SELECT FROM heurist.artifact')).toHaveLength(2);
  expect(failed).not.toBe(young);
});

test('an input stays while a task waits that may have been made for it', async () => {
  const waiting = await addTask('waiting', 60);
  const input = await addFile(null, 60);
  const older = await addFile(null, 70);
  await new Retention(database, store, 30).sweep();
  expect(await tasks()).toContain(waiting);
  expect([input, older].map(isThere)).toEqual([true, false]);
});

test('a file that is gone already keeps nothing else from going', async () => {
  const task_id = await addTask('canceled', 50);
  const artifact_id = await addFile(task_id, 50);
  await store.delete(artifact_id);
  await new Retention(database, store, 30).sweep();
  expect(await tasks()).not.toContain(task_id);
});
