import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { delivery, submission, useTaskRoom } from '../../test/support/task-room.ts';
import { countBefore } from './table/read-tasks.ts';
import { Tasks } from './tasks.ts';

const room = useTaskRoom();

test('a submitted task waits, and is in the queue', async () => {
  const { task, position } = await room.tasks.submit({ ...submission, priority: 1, traceparent: 'trace' });
  expect(position).toBe(0);
  expect(await room.tasks.get(task.task_id)).toMatchObject({
    consumer_id: 'acme',
    job_id: expect.any(String),
    task_type: 'echo',
    workflow_id: 'echo',
    task_details: { parameters: { text: 'hi' } },
    timeout_seconds: null,
    status: 'waiting',
    attempt: 0,
    traceparent: 'trace',
    has_webhook: false,
    history: [],
  });
  expect(await room.jobState(task.task_id)).toBe('created');
});

test('a task of a workflow that has no queue yet gets one', async () => {
  const task_id = await room.submit({ workflow_id: 'new workflow/ü' });
  expect((await room.claim('rig', ['new workflow/ü'])).task_id).toBe(task_id);
});

test('the same job_id gets the same task, together and one after the other', async () => {
  const job_id = randomUUID();
  const together = await Promise.all([1, 2, 3].map(() => room.submit({ job_id })));
  expect(new Set([...together, await room.submit({ job_id })]).size).toBe(1);
  expect(await room.submit({ job_id, consumer_id: 'rival' })).not.toBe(together[0]);
  expect(await room.database.query('SELECT FROM pgboss.job')).toHaveLength(2);
});

test('a repeat takes no turn of its owner', async () => {
  const submit = (...ids: string[]) => Promise.all(ids.map((job_id) => room.submit({ job_id })));
  await submit('a', 'b');
  await submit('b', 'a', 'c', 'c', 'b', 'd');
  await submit('a', 'e');
  const rows = await room.database.query('SELECT job_id, turn FROM heurist.task ORDER BY turn');
  expect(rows).toEqual(['a', 'b', 'c', 'd', 'e'].map((job_id, index) => ({ job_id, turn: index + 1 })));
});

test.each([
  { task_type: 'other' },
  { workflow_id: 'other' },
  { task_details: { parameters: { text: 'ho' } } },
  { timeout_seconds: 5 },
])('the same job_id for something else is refused: %j', async (more) => {
  const job_id = randomUUID();
  await room.submit({ job_id });
  await expect(room.submit({ job_id, ...more })).rejects.toMatchObject({
    code: 'job_id_conflict',
    message: `job_id ${job_id} was already used for a different task. Use a new one for each task.`,
  });
  // what is not part of the task may differ
  await expect(room.submit({ job_id, priority: 1, traceparent: 'x' })).resolves.toBeDefined();
});

test('whether a job_id was used', async () => {
  await room.submit({ job_id: 'known' });
  expect(await room.tasks.hasJob('acme', 'known')).toBe(true);
  expect(await room.tasks.hasJob('acme', 'unknown')).toBe(false);
  expect(await room.tasks.hasJob('rival', 'known')).toBe(false);
  expect([await room.tasks.hasJob('acme', undefined), await room.tasks.hasJob('acme', null)]).toEqual([false, false]);
});

test('a task is found by its consumer, and by nobody else', async () => {
  const task_id = await room.submit();
  expect((await room.tasks.get(task_id, 'acme')).task_id).toBe(task_id);
  for (const wrong of [room.tasks.get(task_id, 'rival'), room.tasks.get(task_id, '')])
    await expect(wrong).rejects.toMatchObject({ code: 'not_found', task_id, message: `There is no task ${task_id}.` });
  await expect(room.tasks.get('no uuid')).rejects.toMatchObject({ code: 'not_found' });
  await expect(room.tasks.get(randomUUID())).rejects.toMatchObject({ code: 'not_found' });
});

test('a new task is announced, a repeated one only while it waits', async () => {
  const announced: (string | undefined)[] = [];
  room.bus.onWork((workflow_id) => announced.push(workflow_id));
  await room.submit({ job_id: 'a' });
  await room.submit({ job_id: 'a' });
  expect(announced).toEqual(['echo', 'echo']);
  await room.claim();
  await room.submit({ job_id: 'a' });
  expect(announced).toHaveLength(2);
});

test('the position counts tasks of the same workflow that come first', async () => {
  const first = await room.submit();
  await room.submit({ workflow_id: 'other' });
  const { task, position } = await room.tasks.submit({ ...submission, job_id: 'last' });
  expect(position).toBe(1);
  expect(await room.tasks.queuePosition(task)).toBe(1);
  await room.tasks.cancel(await room.tasks.get(first));
  expect(await room.tasks.queuePosition(task)).toBe(0);
});

test('tasks of one batch get turns and positions one after the other', async () => {
  const submitted = await Promise.all(
    [1, 2, 3].map((count) => room.tasks.submit({ ...submission, job_id: `${count}` })),
  );
  expect(submitted.map(({ task }) => task.turn)).toEqual([1, 2, 3]);
  expect(submitted.map(({ position }) => position)).toEqual([0, 1, 2]);
});

test('positions are counted up to a limit', async () => {
  for (let count = 0; count < 4; count++) await room.submit();
  const { task } = await room.tasks.submit(submission);
  expect(await countBefore(room.database, [task])).toEqual([4]);
  expect(await countBefore(room.database, [task], 3)).toEqual([3]);
});

test('the limit is 1,000', async () => {
  await room.database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status)
     SELECT gen_random_uuid(), 'acme', '', 'echo', 'echo', '{}', 'waiting' FROM generate_series(1, 1005)`,
  );
  const { task, position } = await room.tasks.submit(submission);
  expect(position).toBe(1000);
  expect(await room.tasks.queuePosition(task)).toBe(1000);
});

test('a cancel ends a task, its job and its webhook, once', async () => {
  const changes: string[] = [];
  const task_id = await room.submit({ webhook: { url: 'https://example.com/', origin: 'http://here' } });
  room.bus.onTask(task_id, () => changes.push(task_id));
  const task = await room.tasks.get(task_id);
  expect(task.has_webhook).toBe(true);
  const isDue = async () =>
    (await room.database.query(`SELECT next_at <= now() AS due FROM heurist.webhook`)).map(({ due }) => due);
  expect(await isDue()).toEqual([false]);
  expect([await room.tasks.cancel(task), await room.tasks.cancel(task)]).toEqual([true, false]);
  expect(changes).toEqual([task_id]);
  expect(await room.tasks.get(task_id)).toMatchObject({ status: 'canceled', ended_at: expect.any(Date) });
  expect(await room.jobState(task_id)).toBe('cancelled');
  expect(await isDue()).toEqual([true]);
});

test('tasks whose time is over fail, waiting or running, and no others', async () => {
  const [running, waiting, early, unlimited] = [
    await room.submit({ timeout_seconds: 60 }),
    await room.submit({ timeout_seconds: 60 }),
    await room.submit({ timeout_seconds: 60 }),
    await room.submit(),
  ];
  await room.claim();
  const query = `UPDATE heurist.task SET overdue_at = overdue_at - interval '61 seconds' WHERE task_id = ANY($1)`;
  await room.database.query(query, [[running, waiting]]);
  await room.tasks.failOverdue();
  const statuses = [running, waiting, early, unlimited].map(async (task_id) => (await room.tasks.get(task_id)).status);
  expect(await Promise.all(statuses)).toEqual(['failed', 'failed', 'waiting', 'waiting']);
  expect((await room.tasks.get(waiting)).error).toEqual({
    code: 'task_timeout',
    message: 'The task did not end within its timeout_seconds (60). Submit it with a longer timeout.',
    is_retryable: true,
  });
  expect([await room.jobState(running), await room.jobState(early)]).toEqual(['cancelled', 'created']);
});

test('timeout_seconds begin with the submit', async () => {
  const task_id = await room.submit({ timeout_seconds: 90 });
  const query = `SELECT extract(epoch FROM overdue_at - created_at)::float8 AS seconds FROM heurist.task WHERE task_id = $1`;
  expect(await room.database.query(query, [task_id])).toEqual([{ seconds: 90 }]);
});

test('a change that is refused leaves the queue as it was', async () => {
  const task_id = await room.submit();
  const claim = await room.claim();
  await room.attempts.finish(claim, delivery);
  expect(await room.tasks.cancel(await room.tasks.get(task_id))).toBe(false);
  expect(await room.jobState(task_id)).toBe('completed');
});

test('a change that the database refuses is an error, and changes nothing', async () => {
  const task_id = await room.submit();
  const task = await room.tasks.get(task_id);
  await room.database.query('ALTER TABLE heurist.task RENAME COLUMN ended_at TO hidden');
  await expect(room.tasks.cancel(task)).rejects.toThrow('ended_at');
  await room.database.query('ALTER TABLE heurist.task RENAME COLUMN hidden TO ended_at');
  expect(await room.jobState(task_id)).toBe('created');
});

test('a task of higher priority comes before the others of its consumer', async () => {
  const normal = [await room.submit(), await room.submit(), await room.submit()];
  const high = await room.submit({ priority: 1 });
  const low = await room.submit({ priority: -1 });
  const order: string[] = [];
  for (let count = 0; count < 5; count++) order.push((await room.claim()).task_id);
  // it shares the turn that is served now with the first one
  expect(order.indexOf(high)).toBeLessThanOrEqual(1);
  expect(order.filter((task_id) => task_id !== high)).toEqual([...normal, low]);
});

test('a task without a timeout ends too, after the longest time that one may take', async () => {
  const [waiting, running, young] = [await room.submit(), await room.submit(), await room.submit()];
  await room.claim();
  const age = `UPDATE heurist.task SET created_at = created_at - interval '61 seconds' WHERE task_id <> $1`;
  await room.database.query(age, [young]);
  await new Tasks(room.context, { taskSeconds: 60 }).failOverdue();
  for (const task_id of [waiting, running])
    expect(await room.tasks.get(task_id)).toMatchObject({
      status: 'failed',
      error: { code: 'task_timeout', message: expect.stringContaining('within 60 seconds, the limit of this network') },
    });
  expect((await room.tasks.get(young)).status).toBe('waiting');
  expect([await room.jobState(waiting), await room.jobState(running)]).toEqual(['cancelled', 'cancelled']);
});
