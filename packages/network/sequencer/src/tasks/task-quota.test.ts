import { expect, test } from 'vitest';
import { useTaskRoom } from '../../test/support/task-room.ts';
import type { Identity, KeyLimits } from '../access/keys.ts';
import { checkQuota, isLimited } from './task-quota.ts';

const room = useTaskRoom();
const identity = (limits: KeyLimits): Identity => ({ role: 'consumer', owner: 'acme', limits });
const check = (limits: KeyLimits) => checkQuota(room.database, identity(limits));

test('which keys have limits', () => {
  expect([{}, { max_open_tasks: 1 }, { max_tasks_per_minute: 1 }].map(identity).map(isLimited)).toEqual([
    false,
    true,
    true,
  ]);
});

test('open tasks: as many as the limit, waiting or running', async () => {
  await room.submit({ consumer_id: 'rival' });
  const first = await room.submit();
  await expect(check({ max_open_tasks: 2 })).resolves.toBeUndefined();
  await room.submit();
  await room.claim();
  await room.claim();
  await expect(check({ max_open_tasks: 2 })).rejects.toMatchObject({
    code: 'rate_limited',
    isRetryable: true,
    retryAfterSeconds: 5,
    message: 'acme has 2 open tasks, and this key allows 2. Submit more when a task has ended.',
  });
  await expect(check({ max_open_tasks: 3 })).resolves.toBeUndefined();
  await room.tasks.cancel(await room.tasks.get(first));
  await expect(check({ max_open_tasks: 2 })).resolves.toBeUndefined();
});

test('tasks per minute: whether they have ended or not', async () => {
  const ids = [await room.submit(), await room.submit({ consumer_id: 'rival' }), await room.submit()];
  const age = (task_id: string, seconds: number) =>
    room.database.query(
      `UPDATE heurist.task SET status = 'finished', created_at = now() - $2 * interval '1 second' WHERE task_id = $1`,
      [task_id, seconds],
    );
  await age(ids[0]!, 50);
  await age(ids[2]!, 20);
  await expect(check({ max_tasks_per_minute: 3 })).resolves.toBeUndefined();
  // there is room when the older one is a minute old
  const refusal = await check({ max_tasks_per_minute: 2 }).catch((error) => error);
  expect(refusal).toMatchObject({ code: 'rate_limited', isRetryable: true });
  expect([9, 10]).toContain(refusal.retryAfterSeconds);
  expect(refusal.message).toBe(
    `This key allows 2 tasks per minute. Try again in ${refusal.retryAfterSeconds} seconds.`,
  );
  // with one per minute, when the younger one is
  const single = await check({ max_tasks_per_minute: 1 }).catch((error) => error);
  expect([39, 40]).toContain(single.retryAfterSeconds);
  await age(ids[0]!, 60);
  await expect(check({ max_tasks_per_minute: 2 })).resolves.toBeUndefined();
});

test('nobody is told to come again at once', async () => {
  await room.submit();
  await room.database.query(`UPDATE heurist.task SET created_at = now() - interval '59.9 seconds'`);
  const refusal = await check({ max_tasks_per_minute: 1 }).catch((error) => error);
  expect(refusal.retryAfterSeconds).toBe(1);
});

test('a key without limits asks nothing', async () => {
  await room.submit();
  await expect(check({})).resolves.toBeUndefined();
});
