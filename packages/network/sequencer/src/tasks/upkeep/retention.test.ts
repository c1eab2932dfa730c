import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyDatabase, openTestDatabase } from '../../../test/support/database.ts';
import type { Database, Sql } from '../../database/database.ts';
import { createFolderStore } from '../../files/folder-store.ts';
import { Retention } from './retention.ts';

const folder = mkdtempSync(join(tmpdir(), 'retention-'));
const store = createFolderStore(folder);
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => emptyDatabase(database));
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

async function addTask(status: string, daysAgo: number, details = {}) {
  const task_id = crypto.randomUUID();
  const ended = /waiting|running/.test(status) ? null : new Date(Date.now() - daysAgo * 86_400_000);
  await database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, created_at, ended_at)
     VALUES ($1, 'me', '', 'echo', 'echo', $5, $2, $3, $4)`,
    [task_id, status, new Date(Date.now() - daysAgo * 86_400_000), ended, details],
  );
  await database.query(`INSERT INTO heurist.webhook (task_id, url, origin) VALUES ($1, '', '')`, [task_id]);
  return task_id;
}

async function addFile(task_id: string | null, daysAgo: number) {
  const artifact_id = crypto.randomUUID();
  await store.write(artifact_id, new Blob(['x']).stream(), { bytes: 1, content_type: 'text/plain' });
  await database.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, task_id, description, created_at, stored_at) VALUES ($1, 'me', $2, '{}', $3, $3)`,
    [artifact_id, task_id, new Date(Date.now() - daysAgo * 86_400_000)],
  );
  return artifact_id;
}

const isThere = (artifact_id: string) => existsSync(join(folder, artifact_id.slice(0, 2), artifact_id));
const idsOf = async (table: 'task' | 'webhook') =>
  (await database.query(`SELECT task_id FROM heurist.${table}`)).map(({ task_id }) => task_id).toSorted();
const files = async () =>
  (await database.query('SELECT artifact_id FROM heurist.artifact')).map(({ artifact_id }) => artifact_id).toSorted();

test('tasks that ended long ago go with their files and webhooks; younger ones stay', async () => {
  const [finished, failed, canceled] = [
    await addTask('finished', 40),
    await addTask('failed', 31),
    await addTask('canceled', 30.01),
  ];
  const young = [await addTask('finished', 29.99), await addTask('failed', 1)].toSorted();
  const old = [await addFile(finished, 40), await addFile(failed, 31), await addFile(canceled, 31)];
  const kept = [await addFile(young[0]!, 29), await addFile(young[1]!, 1)].toSorted();
  await new Retention(database, store, { days: 30 }).sweep();
  expect(await idsOf('task')).toEqual(young);
  expect(await idsOf('webhook')).toEqual(young);
  expect(await files()).toEqual(kept);
  expect([...old, ...kept].map(isThere)).toEqual([false, false, false, true, true]);
});

test('inputs go when they are older than that', async () => {
  const [old, young] = [await addFile(null, 30.01), await addFile(null, 29.99)];
  await new Retention(database, store, { days: 30 }).sweep();
  expect(await files()).toEqual([young]);
  expect([old, young].map(isThere)).toEqual([false, true]);
});

test('0 days keep everything', async () => {
  const task_id = await addTask('finished', 4000);
  const artifact_id = await addFile(task_id, 4000);
  await new Retention(database, store, { days: 0 }).sweep();
  expect(await idsOf('task')).toEqual([task_id]);
  expect(isThere(artifact_id)).toBe(true);
});

test('a task that is open stays, and so do inputs uploaded up to a day before it', async () => {
  const open = [await addTask('waiting', 60), await addTask('running', 60)].toSorted();
  const [input, within, older] = [await addFile(null, 60), await addFile(null, 60.9), await addFile(null, 61.1)];
  await new Retention(database, store, { days: 30 }).sweep();
  expect(await idsOf('task')).toEqual(open);
  expect([input, within, older].map(isThere)).toEqual([true, true, false]);
});

test('what an open task names stays, however old: an input, and the result of an earlier task', async () => {
  const earlier = await addTask('finished', 40);
  const [input, result, other] = [await addFile(null, 45), await addFile(earlier, 40), await addFile(null, 45)];
  const link = (artifact_id: string) => `https://a.example/x/artifacts/${artifact_id}?expires=1&signature=x`;
  const parameters = { image: link(input), more: [{ mask: link(result) }], prompt: '/artifacts/nothing' };
  const open = await addTask('waiting', 0, { parameters });
  await new Retention(database, store, { days: 30, missingBytes: async () => 1 }).sweep();
  expect(await files()).toEqual([input, result].toSorted());
  expect(isThere(other)).toBe(false);
  expect(await idsOf('task')).toEqual([earlier, open].toSorted());
  await database.query(`UPDATE heurist.task SET status = 'finished', ended_at = now() WHERE task_id = $1`, [open]);
  await new Retention(database, store, { days: 30 }).sweep();
  expect(await files()).toEqual([]);
});

test('one sweep deletes batch after batch, until nothing old is left', async () => {
  for (const days of [50, 51, 52]) {
    await addTask('finished', days);
    await addFile(null, days);
  }
  const retention = new Retention(database, store, { days: 30, maxBatch: 2 });
  await retention.sweep();
  expect([await idsOf('task'), await files()]).toEqual([[], []]);
});

test('it ends after the current batch when the sequencer closes', async () => {
  for (const days of [50, 51, 52]) await addTask('finished', days);
  const closing = new AbortController();
  const statements = {
    transaction: <T>(work: (sql: Sql) => Promise<T>) => database.transaction(work),
    query<Row>(text: string, values?: unknown[]) {
      if (text.startsWith('DELETE FROM heurist.task')) closing.abort();
      return database.query<Row>(text, values);
    },
  };
  await new Retention(statements, store, { days: 30, maxBatch: 2 }).sweep(closing.signal);
  expect(await idsOf('task')).toHaveLength(1);
});

test('it ends when its time is over, with a batch of each kind in turn, and says that more is left', async () => {
  for (const days of [50, 51, 52, 53, 54]) {
    await addTask('finished', days);
    await addFile(null, days);
  }
  const clock = new FakeClock();
  const statements = {
    transaction: <T>(work: (sql: Sql) => Promise<T>) => database.transaction(work),
    async query<Row>(text: string, values?: unknown[]) {
      // each batch of tasks takes eleven seconds
      if (text.startsWith('DELETE FROM heurist.task')) await clock.advance(11_000);
      return await database.query<Row>(text, values);
    },
  };
  const retention = new Retention(statements, store, { days: 30, maxBatch: 2, clock });
  expect(await retention.sweep()).toBe(true);
  expect([(await idsOf('task')).length, (await files()).length]).toEqual([1, 3]);
  expect(await retention.sweep()).toBe(false);
  expect([await idsOf('task'), await files()]).toEqual([[], []]);
});

test('a batch has 500 tasks by default', async () => {
  await database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, ended_at)
     SELECT gen_random_uuid(), 'me', '', 'echo', 'echo', '{}', 'finished', now() - interval '40 days' FROM generate_series(1, 501)`,
  );
  const sizes: number[] = [];
  const statements = {
    transaction: <T>(work: (sql: Sql) => Promise<T>) => database.transaction(work),
    query<Row>(text: string, values?: unknown[]) {
      if (text.startsWith('DELETE FROM heurist.task')) sizes.push((values as [string[]])[0].length);
      return database.query<Row>(text, values);
    },
  };
  await new Retention(statements, store, { days: 30 }).sweep();
  expect(sizes).toEqual([500, 1]);
  expect(await idsOf('task')).toEqual([]);
});

test('a file that is already gone does not keep anything else', async () => {
  const task_id = await addTask('canceled', 50);
  await store.delete(await addFile(task_id, 50));
  await new Retention(database, store, { days: 30 }).sweep();
  expect(await idsOf('task')).toEqual([]);
  expect(await files()).toEqual([]);
});

test('what was announced and never uploaded goes after a day, even if everything else is kept', async () => {
  const [old, young, output, stored] = [
    await addFile(null, 1.01),
    await addFile(null, 0.99),
    await addFile(await addTask('running', 2), 2),
    await addFile(null, 400),
  ];
  await database.query('UPDATE heurist.artifact SET stored_at = NULL WHERE artifact_id <> $1', [stored]);
  await new Retention(database, { ...store, isDirect: true } as never, { days: 0 }).sweep();
  expect(await files()).toHaveLength(4);
  await new Retention(database, store, { days: 0 }).sweep();
  expect(await files()).toEqual([young, output, stored].toSorted());
  expect(isThere(old)).toBe(false);
});

describe('too little room', () => {
  /** As if the disk lacked room for so many files. */
  const missing = (count: number) => async () => count - (initial - (await files()).length);
  let initial: number;

  async function sweep(count: number): Promise<object[]> {
    initial = (await files()).length;
    const warnings: object[] = [];
    const logger = { warn: (message: string, fields?: object) => void warnings.push({ message, ...fields }) };
    await new Retention(database, store, { days: 30, missingBytes: missing(count), logger }).sweep();
    return warnings;
  }

  test('the oldest go before their time, tasks and inputs alike, until there is enough', async () => {
    const old: string[] = [];
    for (let days = 20; days < 40 - 1; days++) {
      old.push(await addFile(await addTask('finished', days - 18), days - 18));
      old.push(await addFile(null, days - 18));
    }
    const young = await addFile(await addTask('finished', 0.5), 0.5);
    const warnings = await sweep(3);
    const left = await files();
    expect(left).toContain(young);
    // a batch has twenty
    expect(left).toHaveLength(19);
    expect(old.slice(0, 18).every((artifact_id) => left.includes(artifact_id))).toBe(true);
    expect(warnings).toMatchObject([{ message: expect.stringContaining('nearly full'), count: 20 }]);
  });

  test('what is open, ended within the last hour, or may be needed by an open task stays, whatever is missing', async () => {
    const open = await addFile(await addTask('running', 3), 3);
    const fresh = await addFile(await addTask('finished', 0.03), 0.03);
    const input = await addFile(null, 3.9);
    const older = await addFile(null, 4.1);
    await sweep(1000);
    expect((await files()).toSorted()).toEqual([open, fresh, input].toSorted());
    expect(isThere(older)).toBe(false);
  });

  test('with enough room nothing goes early, and nothing is said', async () => {
    const kept = await addFile(await addTask('finished', 2), 2);
    expect(await sweep(0)).toEqual([]);
    expect(await files()).toEqual([kept]);
  });
});
