// A data centre goes away: thousands of leases are lost at one moment.
import { expect, test } from 'vitest';
import { emptyDatabase } from '../../test/support/database.ts';
import { useTaskRoom } from '../../test/support/task-room.ts';
import type { Database, Sql } from '../database/database.ts';
import { Attempts } from './attempts.ts';
import { Claims, isTask } from './claims.ts';
import type { Claim } from './dispatch.ts';
import { Standings } from './trust/standings.ts';

const room = useTaskRoom();
const retryable = { code: 'comfyui_failed', message: 'restarted', is_retryable: true };
const miners = { list: async () => ['a', 'b', 'c'].map((miner_id) => ({ ...live, miner_id })) };
const live = { workflow_ids: ['echo', 'other'], lacks: {}, seen_at: '' };

/** Attempts whose failures are judged, and everything that is told of them. */
function createAttempts(database: Database = room.database) {
  const told: string[] = [];
  const standings = new Standings(room.database, miners as never);
  const events = {
    submitted() {},
    claimed() {},
    failed: (code: string) => void told.push(code),
    ended: ({ workflow_id, status }: { workflow_id: string; status: string }) =>
      void told.push(`${workflow_id} ${status}`),
  };
  const attempts = new Attempts(
    { ...room.context, database, events },
    { onFailure: (failed) => standings.recordFailures(failed) },
  );
  return { attempts, told };
}

/** Claims as many tasks of a workflow for a miner as there are. */
async function claimAll(miner_id: string, workflow_id: string, count: number): Promise<Claim[]> {
  const claimants = Array.from({ length: count }, () => ({ miner_id }));
  const claims = new Claims(room.context, { maxLeases: 1000 });
  const found = await claims.claim([workflow_id], claimants);
  return found.filter(isTask).map(({ claim }) => claim);
}

const webhook = { url: 'https://example.com/', origin: 'http://here' };

/** Three miners, two workflows, some of the tasks in their last attempt. Returns what is recorded once all leases are lost. */
async function recordLoss(lose: (attempts: Attempts) => Promise<void>) {
  await emptyDatabase(room.database);
  room.forwarded = [];
  for (let index = 0; index < 3; index++) await room.submit({ workflow_id: 'echo', job_id: `last ${index}`, webhook });
  for (const miner_id of ['b', 'c'])
    for (const claim of await claimAll(miner_id, 'echo', 3)) await room.attempts.fail(claim, retryable);
  await claimAll('a', 'echo', 3);
  for (let index = 0; index < 5; index++) await room.submit({ workflow_id: 'echo', job_id: `echo ${index}` });
  for (let index = 0; index < 3; index++) await room.submit({ workflow_id: 'other', job_id: `other ${index}` });
  for (const claim of await claimAll('a', 'echo', 5)) await room.attempts.heartbeat(claim, { percent: 50 });
  await claimAll('c', 'other', 3);
  room.forwarded = [];
  const work: unknown[] = [];
  room.bus.onWork((workflow_id) => work.push(workflow_id));
  const { attempts, told } = createAttempts();
  await lose(attempts);
  const names = new Map<string, string>();
  const tasks = await room.database.query(
    `SELECT task.*, job.state::text AS job, job.retry_count, webhook.next_at <= now() AS is_due FROM heurist.task AS task
     LEFT JOIN pgboss.job AS job ON job.id = task.task_id LEFT JOIN heurist.webhook AS webhook USING (task_id) ORDER BY job_id`,
  );
  for (const { task_id, job_id } of tasks) names.set(task_id, job_id);
  return {
    tasks: tasks.map(({ job_id, status, attempt, progress, error, history, job, retry_count, is_due, ended_at }) => ({
      ...{ job_id, status, attempt, progress, error, job, retry_count, is_due, hasEnded: ended_at !== null },
      history: history.map(({ ended_at: _, ...past }: { ended_at: string }) => past),
    })),
    standings: await room.database.query(
      'SELECT miner_id, workflow_id, doubt, proven, pauses, failures, codes FROM heurist.standing ORDER BY 1, 2',
    ),
    told: told.toSorted(),
    work: work.toSorted(),
    news: room.forwarded.map((event) => event.replace(/[\da-f-]{36}/, (task_id) => names.get(task_id)!)).toSorted(),
  };
}

test('what is recorded of leases that are lost together is what is recorded of each alone', async () => {
  const alone = await recordLoss(async (attempts) => {
    for (const { id } of await room.database.query(`SELECT id FROM pgboss.job WHERE state = 'active'`)) {
      const age = `UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '7 seconds' WHERE id = $1`;
      await room.database.query(age, [id]);
      await attempts.failExpired(6);
    }
  });
  const together = await recordLoss(async (attempts) => {
    await room.ageHeartbeats(7);
    await attempts.failExpired(6);
  });
  expect(together).toEqual(alone);
  expect(together.tasks.filter(({ status }) => status === 'failed')).toHaveLength(3);
  expect(together.tasks.filter(({ is_due }) => is_due)).toHaveLength(3);
  expect(together.standings).toMatchObject([{ miner_id: 'a' }, { miner_id: 'c', workflow_id: 'other', failures: 3 }]);
  expect(together.told.filter((each) => each === 'miner_lost')).toHaveLength(11);
});

/** The database, and how many statements it was asked for. */
function counted(): { database: Database; count: () => number } {
  let count = 0;
  const count1 = (sql: Sql): Sql => ({
    query(text, values) {
      count++;
      return sql.query(text, values);
    },
  });
  const database = {
    ...room.database,
    ...count1(room.database),
    transaction: <T>(run: (sql: Sql) => Promise<T>) => {
      // its begin and its end
      count += 2;
      return room.database.transaction((sql) => run(count1(sql)));
    },
  };
  return { database, count: () => count };
}

test('hundreds of them cost hardly more statements than one', async () => {
  const statements = async (count: number) => {
    await emptyDatabase(room.database);
    await Promise.all(Array.from({ length: count }, () => room.submit()));
    expect(await claimAll('a', 'echo', count)).toHaveLength(count);
    await room.ageHeartbeats(7);
    const { database, count: sent } = counted();
    await createAttempts(database).attempts.failExpired(6);
    const left = await room.database.query(`SELECT FROM heurist.task WHERE status = 'waiting' AND attempt = 1`);
    expect(left).toHaveLength(count);
    return sent();
  };
  const one = await statements(1);
  // two batches, as long as the first may not be whole
  expect(await statements(300)).toBeLessThan(4 * one);
});

test('two reports of one attempt at one moment count once', async () => {
  await room.submit();
  const [claim] = (await claimAll('a', 'echo', 1)) as [Claim];
  const { attempts, told } = createAttempts();
  const results = await Promise.allSettled([attempts.fail(claim, retryable), attempts.fail(claim, retryable)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await room.tasks.get(claim.task_id)).toMatchObject({ status: 'waiting', history: [{ attempt: 1 }] });
  expect(told).toEqual(['comfyui_failed']);
  expect(await room.database.query('SELECT failures FROM heurist.standing')).toEqual([{ failures: 1 }]);
});

test('a report of an earlier attempt beside the current one changes nothing', async () => {
  await room.submit();
  const [early] = (await claimAll('a', 'echo', 1)) as [Claim];
  const { attempts } = createAttempts();
  await attempts.fail(early, retryable);
  const [current] = (await claimAll('b', 'echo', 1)) as [Claim];
  const late = { ...retryable, code: 'out_of_memory' };
  const results = await Promise.allSettled([attempts.fail(early, late), attempts.fail(current, retryable)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect((await room.tasks.get(current.task_id)).history.map(({ code }) => code)).toEqual(
    Array(2).fill(retryable.code),
  );
});

test('a task that has ended without its job keeps none of the others', async () => {
  for (let count = 0; count < 3; count++) await room.submit();
  const claims = (await claimAll('a', 'echo', 3)) as [Claim, Claim, Claim];
  await room.database.query(`UPDATE heurist.task SET status = 'canceled' WHERE task_id = $1`, [claims[1].task_id]);
  const { attempts } = createAttempts();
  const results = await Promise.allSettled(claims.map((claim) => attempts.fail(claim, retryable)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await Promise.all(claims.map(({ task_id }) => room.jobState(task_id)))).toEqual(['retry', 'active', 'retry']);
});

test('tasks whose time has passed end together, and each says why', async () => {
  for (const timeout_seconds of [1, 2]) for (let count = 0; count < 2; count++) await room.submit({ timeout_seconds });
  await room.submit();
  await room.database.query(
    `UPDATE heurist.task SET overdue_at = now() - interval '1 second' WHERE overdue_at IS NOT NULL`,
  );
  await room.tasks.failOverdue();
  const rows = await room.database.query(
    `SELECT status, timeout_seconds, error->>'code' AS code, error->>'message' LIKE '%(' || timeout_seconds || ')%' AS says
     FROM heurist.task ORDER BY timeout_seconds`,
  );
  expect(rows.map(({ status, code, says }) => [status, code, says])).toEqual([
    ...Array(4).fill(['failed', 'task_timeout', true]),
    ['waiting', null, null],
  ]);
});
