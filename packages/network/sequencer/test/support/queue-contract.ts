// What is known to go wrong with the queue's engine, and what we read of its tables: a contract that holds for the
// pinned version of pg-boss, on both databases.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type Claim, Dispatch } from '../../src/tasks/dispatch.ts';

export function testQueue(open: () => Promise<Database>): void {
  let database: Database;
  let dispatch: Dispatch;
  beforeAll(async () => {
    database = await open();
    dispatch = new Dispatch(database, 3, () => {});
    await dispatch.start();
    for (const workflow_id of ['echo', 'a b/ü', 'other']) await dispatch.ensureQueue(workflow_id);
  });
  afterAll(async () => {
    await dispatch?.stop();
    await database?.close();
  });

  const waiting = async (workflow_ids: string[], count: number) =>
    Object.fromEntries((await dispatch.findWaiting(workflow_ids, count)).map((line) => [line.workflow_id, line.count]));
  async function queue(workflow_id: string, turn = 1): Promise<string> {
    const task_id = randomUUID();
    await database.transaction((sql) => dispatch.send(sql, [{ task_id, workflow_id, turn }]));
    return task_id;
  }
  const claim = async (workflow_id: string, count = 1) =>
    await database.transaction((sql) => dispatch.fetch(sql, workflow_id, count));
  const complete = async (...claims: Claim[]) =>
    await database.transaction(async (sql) => [...(await dispatch.complete(sql, claims))]);

  const renew = async (...claims: Claim[]) => [
    ...(await dispatch.renew(claims.map((one) => ({ ...one, extraSeconds: 0 })))),
  ];

  test('an earlier attempt settles nothing, alone or beside the current one', async () => {
    const task_id = await queue('echo');
    const [stale] = (await claim('echo')) as [Claim];
    expect([...(await database.transaction((sql) => dispatch.handOutAgain(sql, [stale])))]).toEqual([task_id]);
    const [current] = (await claim('echo')) as [Claim];
    expect([current.task_id, current.attempt]).toEqual([task_id, stale.attempt + 1]);
    expect(await complete(stale)).toEqual([]);
    expect(await renew(stale)).toEqual([]);
    expect((await database.transaction((sql) => dispatch.handOutAgain(sql, [stale]))).size).toBe(0);
    expect((await database.transaction((sql) => dispatch.removeAttempts(sql, [stale]))).size).toBe(0);
    expect(await renew(current)).toEqual([task_id]);
    expect(await complete(current)).toEqual([task_id]);
    expect(await complete(current)).toEqual([]);
  });

  test('several are claimed at once, best turn first, and settled at once over several queues', async () => {
    const [late, early] = [await queue('echo', 9), await queue('echo', 2)];
    const other = await queue('other', 5);
    expect(await waiting(['echo', 'other'], 2)).toEqual({ echo: 2, other: 1 });
    expect((await claim('echo')).map(({ task_id }) => task_id)).toEqual([early]);
    const claims = [...(await claim('echo', 5)), ...(await claim('other', 5))];
    expect(claims.map(({ task_id }) => task_id)).toEqual([late, other]);
    expect((await complete(...claims)).toSorted()).toEqual([late, other].toSorted());
    expect(await waiting(['echo', 'other'], 2)).toEqual({});
  });

  test('jobs that are picked by us are as those that pg-boss picks', async () => {
    const jobs = (state: string) =>
      database.query<Record<string, unknown>>(
        `SELECT to_jsonb(job) - '{id,created_on,started_on,heartbeat_on,keep_until,start_after,priority,singleton_on}'::text[] AS job,
           started_on IS NOT NULL AS started, heartbeat_on IS NOT NULL AS beats
         FROM pgboss.job WHERE name = 'workflow.other' AND state = $1::pgboss.job_state ORDER BY created_on`,
        [state],
      );
    const [mine, theirs, last] = [await queue('other', 3), await queue('other', 1), await queue('other', 2)];
    const these = async (...task_ids: string[]) =>
      await database.transaction((sql) => dispatch.fetchThese(sql, 'other', task_ids));
    const [claim1, claim2] = [(await these(mine))[0]!, (await claim('other'))[0]!];
    expect(claim1).toEqual({ ...claim2, task_id: mine });
    expect(claim2.task_id).toBe(theirs);
    const [first, second] = await jobs('active');
    expect(first).toEqual(second);
    // in their order; one that is claimed, of another queue or unknown is passed
    const foreign = await queue('echo');
    const early = await queue('other', 0);
    expect((await these(last, mine, foreign, randomUUID(), early)).map(({ task_id }) => task_id)).toEqual([
      last,
      early,
    ]);
    // a second attempt counts as one
    await database.transaction((sql) => dispatch.handOutAgain(sql, [claim1]));
    expect((await these(mine))[0]).toEqual({ ...claim1, attempt: 2 });
    expect(await complete(claim1)).toEqual([]);
    for (const task_id of [mine, theirs, last, early])
      await database.transaction((sql) => dispatch.remove(sql, task_id, 'other'));
    await database.transaction((sql) => dispatch.remove(sql, foreign, 'echo'));
  });

  test('a job that another claim holds is passed', async ({ skip }) => {
    // the embedded database has one connection
    skip(!database.channel);
    const task_id = await queue('other');
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const holding = database.transaction(async (sql) => {
      await dispatch.lockFree(sql, [{ task_id, workflow_id: 'other' }]);
      await held;
    });
    await expect
      .poll(() => database.query(`SELECT FROM pg_locks WHERE mode = 'RowShareLock'`).then((rows) => rows.length))
      .toBeGreaterThan(0);
    expect(await database.transaction((sql) => dispatch.fetchThese(sql, 'other', [task_id]))).toEqual([]);
    release();
    await holding;
    await database.transaction((sql) => dispatch.remove(sql, task_id, 'other'));
  });

  test('jobs go when their transaction is rolled back', async () => {
    const failing = database.transaction(async (sql) => {
      await dispatch.send(sql, [{ task_id: randomUUID(), workflow_id: 'other', turn: 1 }]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await claim('other')).toEqual([]);
  });

  test('any workflow id names a queue', async () => {
    const task_id = await queue('a b/ü');
    expect(await waiting(['a b/ü'], 1)).toEqual({ 'a b/ü': 1 });
    // and no other one
    await dispatch.ensureQueue('a+b/ü');
    expect(await claim('a+b/ü')).toEqual([]);
    expect((await claim('a b/ü'))[0]?.task_id).toBe(task_id);
  });

  test('queues neither notify with each insert nor have partitions, and keep what waits', async () => {
    const rows = await database.query('SELECT * FROM pgboss.queue');
    for (const row of rows) {
      const { notify, partition, retention_seconds, heartbeat_seconds, policy } = row;
      // NOTIFY takes a lock of the whole server at each commit; partitions make the monitor slow
      expect([notify, partition, policy]).toEqual([false, false, 'standard']);
      // its own monitor must not take what our sweep watches
      expect(heartbeat_seconds).toBeNull();
      expect(retention_seconds).toBe(365 * 24 * 3600);
      // three attempts at once, of a day at most; jobs that ended are kept for ten minutes
      expect(row).toMatchObject({
        retry_limit: 2,
        retry_delay: 0,
        expire_seconds: 23 * 3600,
        deletion_seconds: 600,
      });
    }
    expect(rows.length).toBeGreaterThanOrEqual(3);
  });

  test('the table of jobs has the columns that we read', async () => {
    await queue('other');
    await claim('other');
    const query = `SELECT state::text, retry_count, heartbeat_on, priority, created_on, start_after FROM pgboss.job
                   WHERE name = 'workflow.other' AND state = 'active'`;
    const [job] = await database.query(query);
    expect(job).toMatchObject({ state: 'active', retry_count: 0, priority: -1, heartbeat_on: expect.any(Date) });
  });

  test('how many jobs wait, up to as many as are asked for', async () => {
    const ids = [await queue('echo', 3), await queue('other', 1), await queue('echo', 2), await queue('other', 4)];
    expect(await waiting(['echo', 'other'], 1)).toEqual({ echo: 1, other: 1 });
    expect(await waiting(['echo', 'unknown'], 9)).toEqual({ echo: 2 });
    expect(await waiting([], 9)).toEqual({});
    const [echo] = await dispatch.findWaiting(['echo'], 9);
    expect(Math.abs(echo!.now - Date.now())).toBeLessThan(60_000);
    expect(echo!.since).toBeLessThanOrEqual(echo!.now);
    const claims = [...(await claim('echo', 9)), ...(await claim('other', 9))];
    expect(claims.map(({ task_id }) => task_id).toSorted()).toEqual(ids.toSorted());
    expect(claims.map(({ workflow_id }) => workflow_id)).toEqual(['echo', 'echo', 'other', 'other']);
    await complete(...claims);
  });

  test('a job that is removed is neither claimed nor settled', async () => {
    const [waiting, running] = [await queue('echo', 2), await queue('echo', 1)];
    const [current] = (await claim('echo')) as [Claim];
    expect(current.task_id).toBe(running);
    await database.transaction((sql) => dispatch.remove(sql, waiting, 'echo'));
    await database.transaction((sql) => dispatch.remove(sql, running, 'echo'));
    expect(await claim('echo')).toEqual([]);
    expect(await renew(current)).toEqual([]);
    expect(await complete(current)).toEqual([]);
  });

  test('an attempt is removed while it is the current one', async () => {
    await queue('echo');
    const [current] = (await claim('echo')) as [Claim];
    expect((await database.transaction((sql) => dispatch.removeAttempts(sql, [current]))).size).toBe(1);
    expect((await database.transaction((sql) => dispatch.removeAttempts(sql, [current]))).size).toBe(0);
    expect(await claim('echo')).toEqual([]);
  });

  test('a task is handed out three times: which attempt is the last', async () => {
    const task_id = await queue('echo');
    for (const attempt of [1, 2, 3]) {
      const [current] = (await claim('echo')) as [Claim];
      expect([current.task_id, current.attempt]).toEqual([task_id, attempt]);
      expect(dispatch.isLastAttempt(current)).toBe(attempt === 3);
      expect((await database.transaction((sql) => dispatch.handOutAgain(sql, [current]))).size).toBe(1);
    }
    expect(await claim('echo')).toEqual([]);
  });

  test('expired jobs are those without a heartbeat for a lease', async () => {
    const task_id = await queue('echo');
    const [current] = (await claim('echo')) as [Claim];
    const query = `UPDATE pgboss.job SET heartbeat_on = now() - interval '5 seconds' WHERE id = $1::uuid`;
    await database.query(query, [task_id]);
    const expired = async (leaseSeconds: number) =>
      (await dispatch.findExpired(leaseSeconds)).filter((job) => job.task_id === task_id);
    expect(await expired(6)).toEqual([]);
    expect(await expired(4)).toEqual([{ task_id, attempt: 1, silentSeconds: expect.closeTo(5, -1) }]);
    await complete(current);
    expect(await expired(4)).toEqual([]);
  });

  test('leases of several queues and lengths are renewed at once, as pg-boss does it one queue at a time', async () => {
    const [short, long] = [await queue('echo'), await queue('other')];
    const claims = [...(await claim('echo')), ...(await claim('other'))];
    await database.query(`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active'`);
    const rows = () =>
      database.query('SELECT * FROM pgboss.job WHERE id = ANY($1::uuid[]) ORDER BY name', [[short, long]]);
    const before = await rows();
    const renewed = await dispatch.renew(claims.map((one, index) => ({ ...one, extraSeconds: index * 24 })));
    expect([...renewed].toSorted()).toEqual([short, long].toSorted());
    const after = await rows();
    // nothing but the time is written
    const rest = (jobs: object[]) => jobs.map((job) => ({ ...job, heartbeat_on: undefined }));
    expect(rest(after)).toEqual(rest(before));
    const seconds = await database.query(
      'SELECT extract(epoch FROM heartbeat_on - now())::float8 AS ahead FROM pgboss.job WHERE id = ANY($1::uuid[]) ORDER BY name',
      [[short, long]],
    );
    expect(seconds).toEqual([{ ahead: expect.closeTo(0, -1) }, { ahead: expect.closeTo(24, -1) }]);
    // ten seconds later the short one is over
    await database.query(
      `UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '10 seconds' WHERE state = 'active'`,
    );
    const expired = (await dispatch.findExpired(6)).map(({ task_id }) => task_id);
    expect([expired.includes(short), expired.includes(long)]).toEqual([true, false]);
    await complete(...claims);
  });

  test('a queue that could not be created is tried again', async () => {
    let hasFailed = false;
    const flaky = new Dispatch(
      {
        ...database,
        query(text, values) {
          if (hasFailed || !text.includes('create_queue')) return database.query(text, values);
          hasFailed = true;
          return Promise.reject(new Error('database gone'));
        },
      },
      3,
      () => {},
    );
    await flaky.start();
    const ensure = () => flaky.ensureQueue('flaky');
    await expect(Promise.all([ensure(), ensure()])).rejects.toThrow('database gone');
    await ensure();
    await ensure();
    await flaky.stop();
    expect(hasFailed).toBe(true);
  });

  test('jobs that ended ten minutes ago are deleted, batch after batch, as long as it may take', async () => {
    const task_ids: string[] = [];
    for (let count = 0; count < 6; count++) task_ids.push(await queue('other'));
    await complete(...(await claim('other', 5)));
    const age = (...ids: string[]) =>
      database.query(`UPDATE pgboss.job SET completed_on = now() - interval '601 seconds' WHERE id = ANY($1::uuid[])`, [
        ids,
      ]);
    const left = async () => {
      const query = 'SELECT id FROM pgboss.job WHERE id = ANY($1::uuid[])';
      return (await database.query<{ id: string }>(query, [task_ids])).map(({ id }) => id);
    };
    await age(...task_ids.slice(0, 4));
    expect(await dispatch.deleteEnded(database, undefined, 1, 2)).toBe(true);
    expect((await left()).toSorted()).toEqual(task_ids.slice(2).toSorted());
    expect(await dispatch.deleteEnded(database, AbortSignal.abort(), 1)).toBe(true);
    expect(await dispatch.deleteEnded(database, undefined, 1)).toBe(false);
    // one ended just now, and one waits
    expect((await left()).toSorted()).toEqual(task_ids.slice(4).toSorted());
  });
}
