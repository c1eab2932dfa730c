import { expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { keepCounts } from '../upkeep/keep-counts.ts';
import { addEnded, countLongLines, countTasks, oldestWaiting } from './kept-counts.ts';

const room = useTaskRoom();
const both = ['echo', 'other'];
const count = async () => (await countTasks(room.database, both)).get('echo');

/** Tasks that ended some seconds ago, each after a run of two seconds. */
async function addTasks(status: string, secondsAgo: number, count = 1): Promise<void> {
  await room.database.query(
    `INSERT INTO heurist.task
       (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, claimed_at, ended_at)
     SELECT gen_random_uuid(), 'acme', '', 'echo', 'echo', '{}', $1, ended - interval '2 seconds', ended
     FROM (SELECT now() - $2::float8 * interval '1 second' AS ended) AS times, generate_series(1, $3)`,
    [status, secondsAgo, count],
  );
}

async function addWaiting(count: number): Promise<void> {
  await room.database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status)
     SELECT gen_random_uuid(), 'acme', '', 'echo', 'echo', '{}', 'waiting' FROM generate_series(1, $1::int)`,
    [count],
  );
}

test('counts by workflow: open tasks, and those that ended within an hour', async () => {
  for (let count = 0; count < 3; count++) await room.submit();
  await room.claim('rig');
  await room.submit({ workflow_id: 'other' });
  await addTasks('finished', 3590);
  await addTasks('finished', 3610);
  await addTasks('failed', 10);
  await addTasks('canceled', 10);
  const counts = await countTasks(room.database, both);
  expect(counts.get('echo')).toMatchObject({ waiting: 2, running: 1, finished: 1, failed: 1 });
  expect(counts.get('echo')?.run_ms).toBeCloseTo(2000);
  expect(counts.get('other')).toMatchObject({ waiting: 1, running: 0, finished: 0, failed: 0, run_ms: null });
});

test('what ended is added to its minute once, and counted from there', async () => {
  for (const secondsAgo of [3000, 1000, 40, 5]) await addTasks('finished', secondsAgo, 2);
  await addTasks('failed', 35);
  const whole = { finished: 8, failed: 1, run_ms: 2000 };
  expect(await count()).toMatchObject(whole);
  await keepCounts(room.database, both);
  await keepCounts(room.database, both);
  expect(await count()).toMatchObject(whole);
  // a task whose transaction is not committed yet may have ended before others that are
  await addTasks('failed', 20);
  await keepCounts(room.database, both);
  expect(await count()).toMatchObject({ ...whole, failed: 2 });
  // without the rows, what was added is left
  await room.database.query('DELETE FROM heurist.task');
  expect(await count()).toMatchObject({ finished: 6, failed: 1 });
});

test('what ended is added in parts, each of them whole', async () => {
  for (let secondsAgo = 100; secondsAgo < 109; secondsAgo++) await addTasks('finished', secondsAgo);
  const add = () => room.database.transaction((sql) => addEnded(sql, 3));
  expect([await add(), await add(), await add()]).toEqual([true, true, false]);
  expect(await add()).toBe(false);
  await room.database.query('DELETE FROM heurist.task');
  expect(await count()).toMatchObject({ finished: 9 });
});

test('minutes that ended more than an hour ago do not count, and go after another', async () => {
  await room.database.query(
    `INSERT INTO heurist.ended_count SELECT now() - minutes * interval '1 minute', 'echo', 1, 0, 10
     FROM unnest(ARRAY[30, 62, 119, 121]) AS minutes`,
  );
  expect(await count()).toMatchObject({ finished: 1, run_ms: 10 });
  await keepCounts(room.database, both);
  expect(await room.database.query('SELECT FROM heurist.ended_count')).toHaveLength(3);
});

test('a long line has the number of the last count, while that is kept up', async () => {
  await addWaiting(999);
  expect(await count()).toMatchObject({ waiting: 999 });
  await keepCounts(room.database, both);
  expect(await room.database.query('SELECT FROM heurist.waiting_count')).toEqual([]);
  await addWaiting(2);
  expect(await count()).toMatchObject({ waiting: 1000 });
  await keepCounts(room.database, both);
  expect(await count()).toMatchObject({ waiting: 1001 });
  // another replica has just counted
  await addWaiting(1);
  await countLongLines(room.database, both);
  expect(await count()).toMatchObject({ waiting: 1001 });
  await room.database.query(`UPDATE heurist.waiting_count SET counted_at = now() - interval '31 seconds'`);
  await countLongLines(room.database, both);
  expect(await count()).toMatchObject({ waiting: 1002 });
  await room.database.query(`UPDATE heurist.waiting_count SET counted_at = now() - interval '301 seconds'`);
  expect(await count()).toMatchObject({ waiting: 1000 });
  await room.database.query('DELETE FROM heurist.task WHERE number % 2 = 0');
  expect((await count())?.waiting).toBeLessThan(1000);
});

test('how long the oldest waiting task has waited', async () => {
  const [first] = [await room.submit(), await room.submit()];
  const query = `UPDATE heurist.task SET created_at = now() - interval '90 seconds' WHERE task_id = $1`;
  await room.database.query(query, [first]);
  const oldest = await oldestWaiting(room.database, both);
  expect([...oldest.keys()]).toEqual(['echo']);
  expect(oldest.get('echo')).toBeCloseTo(90, 0);
});
