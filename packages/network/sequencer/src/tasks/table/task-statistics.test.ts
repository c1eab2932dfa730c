import { expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { busyMiners, deadWebhooks, recentFailures } from './task-statistics.ts';

const room = useTaskRoom();

/** A task of a consumer that ended some seconds ago. */
async function addEnded(status: string, secondsAgo: number, consumer_id = 'acme'): Promise<string> {
  const [row] = await room.database.query<{ task_id: string }>(
    `INSERT INTO heurist.task
       (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, claimed_at, ended_at, error)
     SELECT gen_random_uuid(), $1, '', 'echo', 'echo', '{}', $2, ended - interval '2 seconds', ended, '{"code":"x"}'
     FROM (SELECT now() - $3::float8 * interval '1 second' AS ended) AS times RETURNING task_id`,
    [consumer_id, status, secondsAgo],
  );
  return row!.task_id;
}

test('which miners run a task', async () => {
  await room.submit();
  await room.submit();
  await room.claim('rig');
  expect([...(await busyMiners(room.database))]).toEqual(['rig']);
});

test("a consumer's last failures, of a day: at most 20, newest first", async () => {
  await addEnded('failed', 86_410);
  await addEnded('failed', 5, 'rival');
  await addEnded('finished', 5);
  const ids: string[] = [];
  for (let count = 0; count < 21; count++) ids.push(await addEnded('failed', 86_390 - count));
  const failures = await recentFailures(room.database, 'acme');
  expect(failures.map(({ task_id }) => task_id)).toEqual(ids.toReversed().slice(0, 20));
  expect(failures[0]).toEqual({
    task_id: ids.at(-1),
    workflow_id: 'echo',
    ended_at: expect.stringMatching(/Z$/),
    error: { code: 'x' },
  });
});

test("a consumer's dead webhooks: at most 20, newest first", async () => {
  const add = async (state: string, secondsAgo: number, consumer_id?: string) => {
    const task_id = await addEnded('finished', secondsAgo, consumer_id);
    await room.database.query(
      `INSERT INTO heurist.webhook (task_id, url, origin, state, attempts, last_error) VALUES ($1, 'u', 'o', $2, 13, 'no')`,
      [task_id, state],
    );
    return task_id;
  };
  await add('waiting', 1);
  await add('dead', 1, 'rival');
  const ids: string[] = [];
  for (let count = 0; count < 21; count++) ids.push(await add('dead', 1000 - count));
  const dead = await deadWebhooks(room.database, 'acme');
  expect(dead.map(({ task_id }) => task_id)).toEqual(ids.toReversed().slice(0, 20));
  expect(dead[0]).toEqual({ task_id: ids.at(-1), url: 'u', attempts: 13, last_error: 'no' });
});
