import { describe, expect, test } from 'vitest';
import { delivery, useTaskRoom } from '../../test/support/task-room.ts';
import { Attempts } from './attempts.ts';
import type { Claim } from './dispatch.ts';

const room = useTaskRoom();
const lost = { code: 'lease_lost', message: expect.stringContaining('no longer valid') };
const retryable = { code: 'comfyui_failed', message: 'restarted', is_retryable: true };
const final = { code: 'input_invalid', message: 'no picture' };

/** A task that runs, and how often it was announced that it changed. */
async function run(): Promise<{ claim: Claim; changes: () => number }> {
  const task_id = await room.submit();
  let changes = 0;
  const claim = await room.claim();
  room.bus.onTask(task_id, () => changes++);
  return { claim, changes: () => changes };
}
const read = (claim: Claim) => room.tasks.get(claim.task_id);

test('attempts count from 1', async () => {
  const { claim } = await run();
  expect(claim.attempt).toBe(1);
  expect((await read(claim)).attempt).toBe(1);
  await room.attempts.fail(claim, retryable);
  const second = await room.claim();
  expect([second.attempt, (await read(claim)).attempt]).toEqual([2, 2]);
});

test('a heartbeat renews the lease and records the progress', async () => {
  const { claim, changes } = await run();
  await room.ageHeartbeats(100);
  expect(await room.attempts.heartbeat(claim, { percent: 40, node: 'Text' })).toEqual({
    cancel: false,
    heartbeat_seconds: expect.closeTo(2, 1),
  });
  expect((await read(claim)).progress).toEqual({ percent: 40, node: 'Text' });
  expect(changes()).toBe(1);
  await room.attempts.failExpired(50);
  expect((await read(claim)).status).toBe('running');
  // without progress nothing changes
  expect(await room.attempts.heartbeat(claim, undefined)).toEqual({
    cancel: false,
    heartbeat_seconds: expect.closeTo(2, 1),
  });
  expect((await read(claim)).progress).toEqual({ percent: 40, node: 'Text' });
  expect(changes()).toBe(1);
});

test.each([
  // the lease is as long as the run, from 6 to 30 seconds, and has three heartbeats
  [3, 2, 6],
  [15, 5, 15],
  [3600, 10, 30],
])(
  'after %d s the next heartbeat is due in %d s, and a miner that has gone is noticed within %d s',
  async (age, next, lease) => {
    const { claim } = await run();
    const query = `UPDATE heurist.task SET claimed_at = now() - $1 * interval '1 second' WHERE task_id = $2`;
    await room.database.query(query, [age, claim.task_id]);
    expect(await room.attempts.heartbeat(claim, undefined)).toEqual({
      cancel: false,
      heartbeat_seconds: expect.closeTo(next, 1),
    });
    await room.ageHeartbeats(lease - 1);
    await room.attempts.failExpired(6);
    expect((await read(claim)).status).toBe('running');
    await room.ageHeartbeats(1.5);
    await room.attempts.failExpired(6);
    expect(await read(claim)).toMatchObject({ status: 'waiting', history: [{ code: 'miner_lost' }] });
  },
);

test('the next attempt begins with the shortest lease', async () => {
  const { claim } = await run();
  await room.database.query(`UPDATE heurist.task SET claimed_at = now() - interval '1 hour'`);
  await room.attempts.heartbeat(claim, undefined);
  await room.attempts.fail(claim, retryable);
  const second = await room.claim();
  expect(await room.attempts.heartbeat(second, undefined)).toEqual({
    cancel: false,
    heartbeat_seconds: expect.closeTo(2, 1),
  });
  await room.ageHeartbeats(7);
  await room.attempts.failExpired(6);
  expect((await read(second)).status).toBe('waiting');
});

test('heartbeats of one moment are told apart', async () => {
  const [one, two] = [(await run()).claim, (await run()).claim];
  await room.attempts.fail(two, retryable);
  const [first, second] = await Promise.allSettled([
    room.attempts.heartbeat(one, { percent: 10 }),
    room.attempts.heartbeat(two, { percent: 20 }),
  ]);
  expect(first).toEqual({ status: 'fulfilled', value: { cancel: false, heartbeat_seconds: expect.closeTo(2, 1) } });
  expect(second).toMatchObject({ status: 'rejected', reason: lost });
  expect([(await read(one)).progress, (await read(two)).progress]).toEqual([{ percent: 10 }, null]);
});

test('the heartbeat of an earlier attempt is refused, and its progress too', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, retryable);
  const second = await room.claim();
  await expect(room.attempts.heartbeat(claim, { percent: 90 })).rejects.toMatchObject(lost);
  expect((await read(second)).progress).toBeNull();
  expect(await room.attempts.heartbeat(second, undefined)).toEqual({
    cancel: false,
    heartbeat_seconds: expect.closeTo(2, 1),
  });
});

test('the miner of a canceled task hears of it, that of an earlier attempt has lost its lease', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, retryable);
  const second = await room.claim();
  await room.tasks.cancel(await read(claim));
  expect(await room.attempts.heartbeat(second, undefined)).toEqual({ cancel: true });
  await expect(room.attempts.heartbeat(claim, undefined)).rejects.toMatchObject(lost);
});

test('a lease holds while its attempt runs', async () => {
  const { claim } = await run();
  await expect(room.attempts.checkLease(claim)).resolves.toBeUndefined();
  await expect(room.attempts.checkLease({ ...claim, attempt: 2 })).rejects.toMatchObject(lost);
  await room.attempts.finish(claim, delivery);
  await expect(room.attempts.checkLease(claim)).rejects.toMatchObject(lost);
});

test('a delivery finishes the task; its repeat changes nothing', async () => {
  const { claim, changes } = await run();
  const versions = { comfyui: '1' };
  await room.attempts.finish(claim, { ...delivery, artifact_ids: ['x'], models: { a: 'b' }, versions, result: 'key' });
  const task = await read(claim);
  expect(task).toMatchObject({
    status: 'finished',
    artifact_ids: ['x'],
    parameters: { text: 'hi' },
    models: { a: 'b' },
    versions,
    upload_ms: 12,
    result: 'key',
    ended_at: expect.any(Date),
  });
  expect(await room.jobState(claim.task_id)).toBe('completed');
  await room.attempts.finish(claim, { ...delivery, result: 'another' });
  expect(await read(claim)).toEqual(task);
  expect(changes()).toBe(1);
});

test('deliveries of one moment are told apart', async () => {
  const [one, two] = [(await run()).claim, (await run()).claim];
  await room.attempts.fail(two, retryable);
  const results = await Promise.allSettled([room.attempts.finish(one, delivery), room.attempts.finish(two, delivery)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect([(await read(one)).status, (await read(two)).status]).toEqual(['finished', 'waiting']);
});

test('a delivery whose job and task disagree changes neither', async () => {
  const [one, two] = [(await run()).claim, (await run()).claim];
  await room.database.query(`UPDATE heurist.task SET status = 'canceled' WHERE task_id = $1`, [two.task_id]);
  const results = await Promise.allSettled([room.attempts.finish(one, delivery), room.attempts.finish(two, delivery)]);
  expect(results).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: lost }]);
  expect([await room.jobState(one.task_id), await room.jobState(two.task_id)]).toEqual(['completed', 'active']);
});

test('the delivery of an earlier attempt, or to a canceled task, is refused', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, retryable);
  const second = await room.claim();
  await expect(room.attempts.finish(claim, delivery)).rejects.toMatchObject(lost);
  expect((await read(claim)).status).toBe('running');
  await room.tasks.cancel(await read(claim));
  await expect(room.attempts.finish(second, delivery)).rejects.toMatchObject(lost);
  expect((await read(claim)).status).toBe('canceled');
});

test('the end of a task makes its webhook due: finished or failed', async () => {
  const webhook = { url: 'https://example.com/', origin: 'http://here' };
  const isDue = async (task_id: string) => {
    const query = 'SELECT next_at <= now() AS due FROM heurist.webhook WHERE task_id = $1';
    return (await room.database.query(query, [task_id]))[0]?.due;
  };
  for (const end of [
    (claim: Claim) => room.attempts.finish(claim, delivery),
    (claim: Claim) => room.attempts.fail(claim, final),
  ]) {
    const task_id = await room.submit({ webhook });
    const claim = await room.claim();
    expect(await isDue(task_id)).toBe(false);
    await end(claim);
    expect(await isDue(task_id)).toBe(true);
  }
});

test('an attempt that fails retryably is handed out again, and is in the history', async () => {
  const { claim, changes } = await run();
  const announced: (string | undefined)[] = [];
  room.bus.onWork((workflow_id) => announced.push(workflow_id));
  await room.attempts.heartbeat(claim, { percent: 50 });
  await room.attempts.fail(claim, retryable);
  expect(await read(claim)).toMatchObject({
    status: 'waiting',
    progress: null,
    error: null,
    ended_at: null,
    history: [{ attempt: 1, miner_id: 'rig', code: 'comfyui_failed', ended_at: expect.stringMatching(/Z$/) }],
  });
  expect([announced, changes()]).toEqual([['echo'], 2]);
  expect(await room.jobState(claim.task_id)).toBe('retry');
});

test('after the last attempt the task fails, even if a retry could help', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, retryable);
  await room.attempts.fail(await room.claim('second'), retryable);
  expect((await read(claim)).status).toBe('waiting');
  await room.attempts.fail(await room.claim('third'), retryable);
  expect(await read(claim)).toMatchObject({
    status: 'failed',
    attempt: 3,
    error: retryable,
    history: ['rig', 'second', 'third'].map((miner_id, index) => ({ miner_id, attempt: index + 1 })),
  });
  expect(await room.jobState(claim.task_id)).toBe('cancelled');
});

describe('after the last attempt, the word of one miner', () => {
  const third = async (hasOther: boolean, end: typeof final) => {
    const attempts = new Attempts(room.context, { hasOtherMiner: async () => hasOther });
    const { claim } = await run();
    await attempts.fail(claim, { ...final, code: 'one' });
    if (!hasOther) return await read(claim);
    await attempts.fail(await room.claim('second'), retryable);
    await attempts.fail(await room.claim('third'), end);
    return await read(claim);
  };

  test('says nothing about the task', async () => {
    expect(await third(true, final)).toMatchObject({
      status: 'failed',
      attempt: 3,
      error: {
        code: 'failure_unconfirmed',
        message: expect.stringContaining('(input_invalid: no picture)'),
        is_retryable: true,
      },
      history: [{ code: 'one' }, { code: 'comfyui_failed' }, { code: 'input_invalid' }],
    });
  });

  test('holds if another one has said the same, or there is none to ask', async () => {
    const same = { ...final, code: 'one' };
    expect((await third(true, same)).error).toEqual(same);
    expect((await third(false, final)).error).toEqual(same);
  });
});

test('any other failure is final; its repeat is accepted, that of an earlier attempt is not', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, final);
  const task = await read(claim);
  expect(task).toMatchObject({ status: 'failed', error: final, history: [{ attempt: 1, code: 'input_invalid' }] });
  await room.attempts.fail(claim, final);
  expect(await read(claim)).toEqual(task);
  await expect(room.attempts.fail({ ...claim, attempt: 2 }, final)).rejects.toMatchObject(lost);
});

test('a failure whose lease is lost announces nothing', async () => {
  const { claim } = await run();
  await room.attempts.fail(claim, retryable);
  const announced: unknown[] = [];
  room.bus.onWork((workflow_id) => announced.push(workflow_id));
  await expect(room.attempts.fail(claim, retryable)).rejects.toMatchObject(lost);
  expect(announced).toEqual([]);
});

test('a miner without heartbeats for a lease loses its task; one with heartbeats does not', async () => {
  const [quiet, alive] = [(await run()).claim, (await run()).claim];
  await room.ageHeartbeats(5);
  await room.attempts.failExpired(6);
  expect([(await read(quiet)).status, (await read(alive)).status]).toEqual(['running', 'running']);
  await room.ageHeartbeats(2);
  await room.attempts.heartbeat(alive, undefined);
  await room.attempts.failExpired(6);
  expect([(await read(quiet)).status, (await read(alive)).status]).toEqual(['waiting', 'running']);
  expect((await read(quiet)).history).toMatchObject([{ attempt: 1, miner_id: 'rig', code: 'miner_lost' }]);
});

test('after the last lost miner the task fails and says what to do', async () => {
  const { claim } = await run();
  for (let attempt = 1; attempt <= 3; attempt++) {
    await room.ageHeartbeats(7);
    await room.attempts.failExpired(6);
    if (attempt < 3) await room.claim();
  }
  expect((await read(claim)).error).toEqual({
    code: 'miner_lost',
    message: 'Every miner that claimed this task stopped responding. Submit it again later.',
    is_retryable: true,
  });
});

test('an expired job whose task has ended is left alone', async () => {
  const { claim } = await run();
  await room.database.query(`UPDATE heurist.task SET status = 'canceled' WHERE task_id = $1`, [claim.task_id]);
  await room.ageHeartbeats(7);
  await room.attempts.failExpired(6);
  expect(await read(claim)).toMatchObject({ status: 'canceled', history: [] });
});

test('a heartbeat is refused if the task has ended, even if its job has not', async () => {
  const { claim } = await run();
  await room.database.query(`UPDATE heurist.task SET status = 'failed' WHERE task_id = $1`, [claim.task_id]);
  await expect(room.attempts.heartbeat(claim, { percent: 1 })).rejects.toMatchObject(lost);
});

test('a final failure announces no work', async () => {
  const { claim } = await run();
  const announced: unknown[] = [];
  room.bus.onWork((workflow_id) => announced.push(workflow_id));
  await room.attempts.fail(claim, final);
  expect(announced).toEqual([]);
});

test('a task without any progress goes to another miner after a while, whatever the heartbeats say', async () => {
  const attempts = new Attempts(room.context, { limits: { stalledSeconds: 60, runSeconds: 3600 } });
  const [stuck, slow] = [await room.submit(), await room.submit()];
  const [one, two] = [await room.claim(), await room.claim()];
  const age = (seconds: number) =>
    room.database.query(
      `UPDATE heurist.task SET claimed_at = claimed_at - $1 * interval '1 second',
         progress_at = progress_at - $1 * interval '1 second'`,
      [seconds],
    );
  for (const claim of [one, two]) await attempts.heartbeat(claim, { percent: 5 });
  await age(40);
  // the same again is no progress
  await attempts.heartbeat(one, { percent: 5 });
  await attempts.heartbeat(two, { percent: 6 });
  await age(30);
  await attempts.failExpired(3600);
  expect(await room.tasks.get(stuck)).toMatchObject({ status: 'waiting', history: [{ code: 'miner_stalled' }] });
  expect((await room.tasks.get(slow)).status).toBe('running');
  await room.claim();
  await age(50);
  // the next attempt has its whole time
  await attempts.failExpired(3600);
  expect((await room.tasks.get(stuck)).status).toBe('running');
});

describe('how long a run may take', () => {
  // far apart: a busy machine takes its time
  const limits = { stalledSeconds: 6000, runSeconds: 30_000 };
  const workflows = [{ workflow_id: 'other', max_run_seconds: 80_000, max_stalled_seconds: 50_000 }];
  const age = (seconds: number) =>
    room.database.query(
      `UPDATE heurist.task SET claimed_at = claimed_at - $1 * interval '1 second',
         progress_at = progress_at - $1 * interval '1 second'`,
      [seconds],
    );

  test('one that takes much longer than all others goes to another miner, once', async () => {
    const unusual = async () => new Map([['echo', 3000]]);
    const attempts = new Attempts(room.context, { limits, unusual });
    const { claim } = await run();
    await age(2900);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(claim.task_id)).status).toBe('running');
    await age(200);
    await attempts.failExpired(3600);
    expect(await room.tasks.get(claim.task_id)).toMatchObject({
      status: 'waiting',
      history: [{ code: 'miner_stalled' }],
    });
    // then the task is large
    await room.claim();
    await age(5000);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(claim.task_id)).status).toBe('running');
  });

  test('progress that goes on for ever ends with the whole time', async () => {
    const attempts = new Attempts(room.context, { limits });
    const { claim } = await run();
    for (let percent = 1; percent < 6; percent++) {
      await attempts.heartbeat(claim, { percent });
      await age(5500);
      await attempts.failExpired(3600);
      expect((await room.tasks.get(claim.task_id)).status).toBe('running');
    }
    await attempts.heartbeat(claim, { percent: 6 });
    await age(2600);
    await attempts.failExpired(3600);
    expect(await room.tasks.get(claim.task_id)).toMatchObject({
      status: 'waiting',
      history: [{ code: 'miner_stalled' }],
    });
  });

  test('the last attempt says which limit it was', async () => {
    const attempts = new Attempts(room.context, { limits });
    const task_id = await room.submit();
    for (let attempt = 0; attempt < 3; attempt++) {
      const claim = await room.claim();
      await attempts.heartbeat(claim, { percent: 5 });
      await age(25_000);
      await attempts.heartbeat(claim, { percent: 6 });
      await age(5100);
      await attempts.failExpired(3600);
    }
    expect(await room.tasks.get(task_id)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('longer than 30000 seconds, the limit of this workflow') },
    });
  });

  test('the definition of a workflow can set both', async () => {
    const attempts = new Attempts(room.context, { limits, workflows });
    const task_id = await room.submit({ workflow_id: 'other' });
    const claim = await room.claim();
    await age(40_000);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(task_id)).status).toBe('running');
    await attempts.heartbeat(claim, { percent: 5 });
    await age(39_000);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(task_id)).status).toBe('running');
    await attempts.heartbeat(claim, { percent: 6 });
    await age(2000);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(task_id)).status).toBe('waiting');
    await room.claim();
    await age(50_001);
    await attempts.failExpired(3600);
    expect((await room.tasks.get(task_id)).history).toHaveLength(2);
  });
});
