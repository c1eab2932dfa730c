import { expect, test } from 'vitest';
import { submission, useTaskRoom } from '../../test/support/task-room.ts';
import type { Quota } from './task-quota.ts';

const room = useTaskRoom();
const unlimited = submission.quota;
const submit = (quota: Partial<Quota>, more: object = {}) =>
  room.submit({ quota: { ...unlimited, ...quota }, job_id: crypto.randomUUID(), ...more });
const refusalOf = (quota: Partial<Quota>) =>
  submit(quota).then(
    () => undefined,
    (error) => error,
  );

test('open tasks: as many as the quota, waiting or running', async () => {
  await room.submit({ consumer_id: 'rival' });
  const first = await submit({ openTasks: 2 });
  await submit({ openTasks: 2 });
  await room.claim();
  await room.claim();
  expect(await refusalOf({ openTasks: 2 })).toMatchObject({
    code: 'rate_limited',
    isRetryable: true,
    retryAfterSeconds: 5,
    message: 'acme has 2 open tasks, and its limit allows 2. Submit more when a task has ended.',
  });
  await room.tasks.cancel(await room.tasks.get(first));
  expect(await refusalOf({ openTasks: 2 })).toBeUndefined();
});

test('of a hundred submits at one moment, exactly five are taken', async () => {
  const quota = { ...unlimited, openTasks: 5 };
  const all = Array.from({ length: 100 }, (_, index) => room.submit({ quota, job_id: `a${index}` }));
  // another owner in the same batch is not concerned
  const other = Array.from({ length: 10 }, (_, index) => room.submit({ consumer_id: 'rival', job_id: `b${index}` }));
  const taken = (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled');
  expect(taken).toHaveLength(5);
  await Promise.all(other);
  const rate = { ...unlimited, tasksPerMinute: 8 };
  const later = Array.from({ length: 100 }, (_, index) => room.submit({ quota: rate, job_id: `c${index}` }));
  expect((await Promise.allSettled(later)).filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('those of the same moment that were taken are told of, too', async () => {
  await submit({});
  const refusalsOf = async (quota: Partial<Quota>) => {
    const ends = await Promise.allSettled(Array.from({ length: 6 }, () => submit(quota)));
    return ends.flatMap((end) =>
      end.status === 'rejected' ? [[end.reason.message, end.reason.retryAfterSeconds]] : [],
    );
  };
  const open = 'acme has 4 open tasks, and its limit allows 4. Submit more when a task has ended.';
  expect(await refusalsOf({ openTasks: 4 })).toEqual(Array(3).fill([open, 5]));
  await room.database.query(`UPDATE heurist.task SET created_at = now() - interval '20 seconds'`);
  // the oldest of the first four must be a minute old
  for (const [end] of [await refusalsOf({ tasksPerMinute: 6 })]) {
    expect(end?.[0]).toMatch(/^The limit of acme allows 6 tasks per minute. Try again in (39|40) seconds.$/);
    expect([39, 40]).toContain(end?.[1]);
  }
  await room.database.query(`UPDATE heurist.task SET created_at = now() - interval '2 minutes'`);
  const all = 'The limit of acme allows 4 tasks per minute. Try again in 60 seconds.';
  expect(await refusalsOf({ tasksPerMinute: 4 })).toEqual(Array(2).fill([all, 60]));
});

test('a task that is sent again is not counted, even in the same moment', async () => {
  const quota = { ...unlimited, openTasks: 2 };
  const ids = await Promise.all(['a', 'b', 'a', 'b', 'a'].map((job_id) => room.submit({ quota, job_id })));
  expect(new Set(ids).size).toBe(2);
  expect(await room.submit({ quota, job_id: 'b' })).toBe(ids[1]);
});

test('tasks per minute: whether they have ended or not', async () => {
  const ids = [await submit({}), await room.submit({ consumer_id: 'rival' }), await submit({})];
  const age = (task_id: string, seconds: number) =>
    room.database.query(
      `UPDATE heurist.task SET status = 'finished', created_at = now() - $2 * interval '1 second' WHERE task_id = $1`,
      [task_id, seconds],
    );
  await age(ids[0]!, 50);
  await age(ids[2]!, 20);
  // there is room when the older one is a minute old
  const refusal = await refusalOf({ tasksPerMinute: 2 });
  expect(refusal).toMatchObject({ code: 'rate_limited', isRetryable: true });
  expect([9, 10]).toContain(refusal.retryAfterSeconds);
  expect(refusal.message).toBe(
    `The limit of acme allows 2 tasks per minute. Try again in ${refusal.retryAfterSeconds} seconds.`,
  );
  // with one per minute, when the younger one is
  expect([39, 40]).toContain((await refusalOf({ tasksPerMinute: 1 })).retryAfterSeconds);
  await age(ids[0]!, 60);
  expect(await refusalOf({ tasksPerMinute: 2 })).toBeUndefined();
});

test('nobody is told to come again at once', async () => {
  await submit({});
  await room.database.query(`UPDATE heurist.task SET created_at = now() - interval '59.9 seconds'`);
  expect((await refusalOf({ tasksPerMinute: 1 })).retryAfterSeconds).toBe(1);
});

test('a key has its own quota within that of its owner, exactly', async () => {
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  const quota = { ...unlimited, openTasks: 8 };
  const keyQuota = { ...unlimited, openTasks: 5 };
  const attempt = (key_id: string, count: number, more: object) =>
    Array.from({ length: count }, () => room.submit({ quota, key_id, job_id: crypto.randomUUID(), ...more }));
  const taken = async (all: Promise<unknown>[]) =>
    (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled').length;
  // what the key may not submit takes no room of the owner
  const [narrow, wide] = await Promise.all([taken(attempt(one, 20, { keyQuota })), taken(attempt(two, 2, {}))]);
  expect([narrow, wide]).toEqual([5, 2]);
  expect(await taken(attempt(two, 20, {}))).toBe(1);
  const error = await attempt(one, 1, { keyQuota })[0]!.catch((failure) => failure);
  expect(error.message).toBe(
    'This key of acme has 5 open tasks, and its limit allows 5. Submit more when a task has ended.',
  );
});

test('a key has its own rate', async () => {
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  const keyQuota = { ...unlimited, tasksPerMinute: 2 };
  await submit({}, { key_id: one, keyQuota });
  await submit({}, { key_id: two });
  await submit({}, { key_id: one, keyQuota });
  await expect(submit({}, { key_id: one, keyQuota })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^The limit of this key of acme allows 2 tasks per minute. Try again in \d+ seconds/,
    ),
  });
});

test('resends of a task that is over the quota, at the same moment, are over it too', async () => {
  const quota = { openTasks: 1, tasksPerMinute: 1000 };
  const jobs = ['first', 'second', 'second', 'first', 'third', 'third'];
  const all = await Promise.allSettled(jobs.map((job_id) => room.submit({ job_id, quota })));
  const ids = all.map((reply) => (reply.status === 'fulfilled' ? reply.value : undefined));
  expect(ids).toEqual([expect.any(String), undefined, undefined, ids[0], undefined, undefined]);
});
