import { expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { Dispatch } from '../dispatch.ts';
import { repairStrays } from './repair-strays.ts';

const room = useTaskRoom();
const taskOf = async (task_id: string) => await room.tasks.get(task_id);
/** How jobs are lost: by a backup that misses them, or by pg-boss's own limits. */
const losses: [string, string][] = [
  ['gone', 'DELETE FROM pgboss.job'],
  ['failed', `UPDATE pgboss.job SET state = 'failed', completed_on = now()`],
  ['canceled', `UPDATE pgboss.job SET state = 'cancelled', completed_on = now()`],
  ['completed', `UPDATE pgboss.job SET state = 'completed', completed_on = now()`],
];

test.each([...losses, ['put back by pg-boss', `UPDATE pgboss.job SET state = 'retry'`]])(
  'a running task whose job is %s is handed out again, as its next attempt',
  async (_, loss) => {
    const task_id = await room.submit();
    const claim = await room.claim();
    await room.database.query(loss);
    expect(await repairStrays(room.context)).toBe(1);
    expect(await taskOf(task_id)).toMatchObject({
      status: 'waiting',
      history: [{ attempt: 1, miner_id: 'rig', code: 'miner_lost' }],
    });
    await expect(room.attempts.checkLease(claim)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await room.claim()).toEqual({ ...claim, attempt: 2 });
    expect((await taskOf(task_id)).status).toBe('running');
  },
);

test('at its last attempt it fails', async () => {
  const task_id = await room.submit();
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(await room.claim()).toMatchObject({ attempt });
    await room.database.query('DELETE FROM pgboss.job');
    expect(await repairStrays(room.context)).toBe(1);
  }
  expect(await taskOf(task_id)).toMatchObject({ status: 'failed', error: { code: 'miner_lost' } });
  expect(await repairStrays(room.context)).toBe(0);
});

test.each(losses)('a waiting task whose job is %s gets one, at its place', async (_, loss) => {
  const first = await room.submit();
  await room.database.query(loss);
  const second = await room.submit();
  expect(await repairStrays(room.context)).toBe(1);
  expect([(await room.claim()).task_id, (await room.claim()).task_id]).toEqual([first, second]);
  expect(await taskOf(first)).toMatchObject({ status: 'running', attempt: 1, history: [] });
});

test('a task that waits for its second attempt keeps the count', async () => {
  await room.submit();
  const claim = await room.claim();
  await room.attempts.fail(claim, { code: 'execution_failed', message: 'no', is_retryable: true });
  await room.database.query('DELETE FROM pgboss.job');
  await repairStrays(room.context);
  expect((await room.claim()).attempt).toBe(2);
});

test('tasks with their jobs, and tasks that have ended, stay as they are', async () => {
  await room.submit();
  const ended = await room.submit();
  await room.submit();
  await room.claim();
  await room.tasks.cancel(await taskOf(ended));
  expect(await repairStrays(room.context)).toBe(0);
  await room.database.query(`DELETE FROM pgboss.job WHERE state = 'cancelled'`);
  expect(await repairStrays(room.context)).toBe(0);
});

test('two replicas that repair at once repair each task once', async () => {
  await room.submit();
  await room.claim();
  await room.submit();
  await room.database.query('DELETE FROM pgboss.job');
  const counts = await Promise.all([repairStrays(room.context), repairStrays(room.context)]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(2);
  expect(await room.database.query('SELECT FROM pgboss.job')).toHaveLength(2);
});

test('a long line is compared in batches, to its end', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 7; count++) ids.push(await room.submit({ job_id: `${count}` }));
  // of one moment, as tasks of one batch are
  await room.database.query('UPDATE heurist.task SET created_at = now()');
  await room.database.query('DELETE FROM pgboss.job WHERE id <> $1', [ids[3]]);
  const strays = await new Dispatch(room.database, 3, () => {}).findStrays(room.database, 2, 2);
  expect(strays.map(({ task_id }) => task_id).toSorted()).toEqual(ids.filter((_, index) => index !== 3).toSorted());
});

test('after its first walk over a long line, each pass compares a part of it, and the next one goes on', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 7; count++) ids.push(await room.submit({ job_id: `${count}` }));
  const dispatch = new Dispatch(room.database, 3, () => {});
  const find = async () => (await dispatch.findStrays(room.database, 2, 4)).map(({ task_id }) => task_id);
  expect(await find()).toEqual([]);
  await room.database.query('DELETE FROM pgboss.job');
  expect([await find(), await find(), await find()]).toEqual([ids.slice(0, 4), ids.slice(4), ids.slice(0, 4)]);
});
