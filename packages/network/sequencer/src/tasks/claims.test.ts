import { expect, test } from 'vitest';
import { delivery, taskOf, useTaskRoom } from '../../test/support/task-room.ts';
import type { LeaseLimits } from '../access/leases/lease-room.ts';
import { ASIDE, Claims, FULL, isTask } from './claims.ts';

const room = useTaskRoom();
const miners = (count: number) => Array.from({ length: count }, (_, index) => ({ miner_id: `m${index}` }));

test('a claim starts an attempt of the next task', async () => {
  const task_id = await room.submit({ traceparent: 'trace' });
  const changes: string[] = [];
  room.bus.onTask(task_id, () => changes.push(task_id));
  const [found] = (await room.claims.claim(['echo'], [{ miner_id: 'rig', claim_id: 'c1' }])).map(taskOf);
  expect(found?.claim).toEqual({ task_id, workflow_id: 'echo', attempt: 1 });
  expect(found?.task).toEqual({
    task_id,
    task_type: 'echo',
    workflow_id: 'echo',
    task_details: { parameters: { text: 'hi' } },
    attempt: 1,
    created_at: expect.any(Date),
    claimed_at: expect.any(Date),
    history: [],
    traceparent: 'trace',
    model_key: '',
    was_warm: null,
  });
  expect(await room.tasks.get(task_id)).toMatchObject({
    status: 'running',
    miner_id: 'rig',
    claim_id: 'c1',
    claimed_at: expect.any(Date),
    progress: null,
  });
  expect(changes).toEqual([task_id]);
});

test('several miners get the tasks in their order, over several workflows', async () => {
  const ids = [
    await room.submit(),
    await room.submit({ workflow_id: 'other', consumer_id: 'b' }),
    await room.submit({ consumer_id: 'c' }),
  ];
  const found = (await room.claims.claim(['echo', 'other', 'unknown'], miners(5))).map(taskOf);
  expect(found.map((each) => each?.task.task_id).toSorted()).toEqual([...ids, undefined, undefined].toSorted());
  for (const [index, each] of found.entries())
    if (each) expect((await room.tasks.get(each.task.task_id)).miner_id).toBe(`m${index}`);
});

test('nothing is handed out of other workflows, or twice', async () => {
  await room.submit({ workflow_id: 'other' });
  expect(await room.claims.claim(['echo'], miners(1))).toEqual([undefined]);
  expect(await room.claims.claim(['other'], miners(1))).toHaveLength(1);
  expect(await room.claims.claim(['other'], miners(1))).toEqual([undefined]);
});

test('a job whose task has ended is removed, and the next task is claimed instead', async () => {
  const [ended, next] = [await room.submit(), await room.submit()];
  await room.database.query(`UPDATE heurist.task SET status = 'canceled' WHERE task_id = $1`, [ended]);
  const [found] = (await room.claims.claim(['echo'], miners(1))).map(taskOf);
  expect(found?.task.task_id).toBe(next);
  expect(await room.jobState(ended)).toBe('cancelled');
});

test('a newcomer joins the turn that is served, not that of an earlier task which is handed out again', async () => {
  const submit = async (consumer_id: string, count: number) => {
    for (let index = 0; index < count; index++) await room.submit({ consumer_id });
  };
  await submit('lost', 1);
  await submit('a', 6);
  const claims = [];
  for (let index = 0; index < 6; index++) claims.push(await room.claim());
  for (const claim of claims.slice(1)) await room.attempts.finish(claim, delivery);
  await room.ageHeartbeats(100);
  await room.attempts.failExpired(10);
  await submit('newcomer', 5);
  const order: string[] = [];
  for (let index = 0; index < 4; index++) order.push((await room.tasks.get((await room.claim()).task_id)).consumer_id);
  expect(order).toEqual(['lost', 'newcomer', 'a', 'newcomer']);
});

test('a newcomer joins the first turn that waits, though a later one was handed out before it', async () => {
  for (let index = 0; index < 3; index++) await room.submit({ consumer_id: 'many' });
  // as if another transaction had held the first two at the moment of the claim
  await room.database.query(`UPDATE pgboss.job SET start_after = now() + interval '1 hour' WHERE priority > -3`);
  await room.claim();
  await room.database.query('UPDATE pgboss.job SET start_after = now()');
  await room.submit({ consumer_id: 'newcomer' });
  const order: string[] = [];
  for (let index = 0; index < 3; index++) order.push((await room.tasks.get((await room.claim()).task_id)).consumer_id);
  expect(order).toEqual(['many', 'newcomer', 'many']);
});

test('tasks that are handed out again do not all go before those of others', async () => {
  const submit = async (consumer_id: string, count: number) => {
    for (let index = 0; index < count; index++) await room.submit({ consumer_id });
  };
  await submit('unlucky', 6);
  for (let index = 0; index < 4; index++) await room.claim();
  await room.ageHeartbeats(100);
  await room.attempts.failExpired(10);
  await submit('newcomer', 3);
  const order: string[] = [];
  for (let index = 0; index < 6; index++) order.push((await room.tasks.get((await room.claim()).task_id)).consumer_id);
  expect(order).toEqual(['unlucky', 'newcomer', 'unlucky', 'newcomer', 'unlucky', 'newcomer']);
  // jobs and tasks say the same
  const rows = await room.database.query<{ turn: number; priority: number }>(
    'SELECT task.turn, job.priority FROM heurist.task JOIN pgboss.job ON id = task_id',
  );
  expect(rows.every(({ turn, priority }) => turn === -priority)).toBe(true);
});

test('an owner that cancels waiting tasks does not wait for their turns', async () => {
  const submit = async (consumer_id: string, count: number) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push(await room.submit({ consumer_id }));
    return ids;
  };
  const hasty = await submit('hasty', 8);
  await submit('patient', 8);
  for (const task_id of [...hasty.slice(0, 3), ...hasty.slice(4, 6)])
    await room.tasks.cancel(await room.tasks.get(task_id));
  const order: string[] = [];
  for (let index = 0; index < 6; index++) order.push((await room.tasks.get((await room.claim()).task_id)).consumer_id);
  expect(order).toEqual(['patient', 'hasty', 'patient', 'hasty', 'patient', 'hasty']);
  const rows = await room.database.query<{ turn: number; priority: number }>(
    'SELECT task.turn, job.priority FROM heurist.task JOIN pgboss.job ON id = task_id WHERE status = $1',
    ['waiting'],
  );
  expect(rows.every(({ turn, priority }) => turn === -priority)).toBe(true);
  const gaps = 'SELECT FROM heurist.line WHERE has_gap';
  expect(await room.database.query(gaps)).toEqual([]);
  // nor is anything left of an owner that has canceled everything
  for (const task_id of await submit('gone', 3)) await room.tasks.cancel(await room.tasks.get(task_id));
  await room.claim();
  expect(await room.database.query(gaps)).toEqual([]);
});

test('a claim gives up after ten rounds', async () => {
  for (let count = 0; count < 12; count++) await room.submit();
  await room.database.query(`UPDATE heurist.task SET status = 'canceled'`);
  expect(await room.claims.claim(['echo'], miners(1))).toEqual([undefined]);
  const removed = await room.database.query(`SELECT FROM pgboss.job WHERE state = 'cancelled'`);
  expect(removed).toHaveLength(10);
});

test('a claim whose response was lost finds its task, for the same miner, while it runs', async () => {
  const task_id = await room.submit();
  await room.claims.claim(['echo'], [{ miner_id: 'rig', claim_id: 'c1' }]);
  const again = await room.claims.findClaim({ miner_id: 'rig', claim_id: 'c1' });
  expect(again?.claim).toEqual({ task_id, workflow_id: 'echo', attempt: 1 });
  expect(again?.task.task_details).toEqual({ parameters: { text: 'hi' } });
  expect(await room.claims.findClaim({ miner_id: 'thief', claim_id: 'c1' })).toBeUndefined();
  expect(await room.claims.findClaim({ miner_id: 'rig', claim_id: 'c2' })).toBeUndefined();
  expect(await room.claims.findClaim({ miner_id: 'rig' })).toBeUndefined();
  await room.attempts.finish({ task_id, workflow_id: 'echo', attempt: 1 }, delivery);
  expect(await new Claims(room.context).findClaim({ miner_id: 'rig', claim_id: 'c1' })).toBeUndefined();
});

test('claims that are looked for together are told apart', async () => {
  const ids: string[] = [];
  for (const claim_id of ['a', 'b']) {
    ids.push(await room.submit());
    await room.claims.claim(['echo'], [{ miner_id: 'rig', claim_id }]);
  }
  const found = await Promise.all(
    ['b', 'x', 'a'].map((claim_id) => room.claims.findClaim({ miner_id: 'rig', claim_id })),
  );
  expect(found.map((each) => each?.claim.task_id)).toEqual([ids[1], undefined, ids[0]]);
});

test('a miner key runs as many tasks as it may, however many claims it makes at one moment', async () => {
  for (let count = 0; count < 9; count++) await room.submit();
  const claims = new Claims(room.context, { maxLeases: 3 });
  const greedy = Array.from({ length: 5 }, () => ({ miner_id: 'greedy' }));
  const found = await claims.claim(['echo'], [...greedy, { miner_id: 'modest' }]);
  expect(found.filter((outcome) => outcome === FULL)).toHaveLength(2);
  expect(found.filter((outcome) => taskOf(outcome))).toHaveLength(4);
  const both = await Promise.all([claims.claim(['echo'], greedy), claims.claim(['echo'], [{ miner_id: 'modest' }])]);
  expect(both[0]).toEqual([FULL, FULL, FULL, FULL, FULL]);
  expect(taskOf(both[1][0])).toBeDefined();
  await room.attempts.finish(taskOf(found[0])!.claim, delivery);
  expect(taskOf((await claims.claim(['echo'], greedy.slice(0, 1)))[0])).toBeDefined();
});

test('a miner that comes back gets as many tasks as it may run, whatever it holds open; the others get the rest', async () => {
  for (let count = 0; count < 5; count++) await room.submit();
  const limits = async () =>
    new Map([
      ['back', 2],
      ['bad', 0],
    ]);
  const claims = new Claims(room.context, { limits });
  const claimants = ['back', 'bad', 'back', 'back', 'good'].map((miner_id) => ({ miner_id }));
  const found = await claims.claim(['echo'], claimants);
  expect(found.map((one) => (isTask(one) ? 'task' : one))).toEqual(['task', ASIDE, 'task', ASIDE, 'task']);
  expect(await claims.claim(['echo'], [{ miner_id: 'back' }])).toEqual([ASIDE]);
});

test('a machine runs so many, its key and its miner too; each at one moment, exactly', async () => {
  for (let count = 0; count < 30; count++) await room.submit();
  const claimsOf = (machine_id: string | undefined, leases: LeaseLimits, key_id: string = key) =>
    Array.from({ length: 9 }, () => ({ miner_id: 'rig', key_id, machine_id, leases }));
  const key = crypto.randomUUID();
  const taken = async (...all: ReturnType<typeof claimsOf>[]) => {
    const found = await Promise.all(all.map((claimants) => room.claims.claim(['echo'], claimants)));
    return found.map((outcomes) => outcomes.filter((outcome) => taskOf(outcome)).length);
  };
  const leases = { owner: 13, key: 10, machine: 4 };
  expect(await taken(claimsOf('a', leases), claimsOf('a', leases))).toEqual([4, 0]);
  // machines of one key add up, those that give no name count as one
  expect(await taken(claimsOf('b', leases))).toEqual([4]);
  expect(await taken(claimsOf(undefined, { ...leases, machine: 1 }))).toEqual([1]);
  expect(await taken(claimsOf('c', leases))).toEqual([1]);
  expect(await taken(claimsOf('d', leases))).toEqual([0]);
  // another key has room, as far as the miner has
  expect(await taken(claimsOf('a', leases, crypto.randomUUID()), claimsOf('e', leases, crypto.randomUUID()))).toEqual([
    0, 3,
  ]);
  expect(await taken(claimsOf('f', leases, crypto.randomUUID()))).toEqual([0]);
});
