import { expect, test } from 'vitest';
import { taskOf } from '../../test/support/task-room.ts';
import { createBus } from '../bus/bus.ts';
import { type ClaimedTask, FULL } from './claims.ts';
import { LongPoll } from './long-poll.ts';

const never = new AbortController().signal;

/** A long poll over a plain list of tasks, which counts how often it looks. */
function createLongPoll() {
  const tasks: string[] = [];
  const forwarded: string[] = [];
  const bus = createBus((event) => forwarded.push(event));
  let looks = 0;
  const longPoll = new LongPoll(async (workflow_ids, claimants) => {
    looks++;
    await new Promise(setImmediate);
    return claimants.map(({ miner_id }) => {
      const index = tasks.findIndex((workflow_id) => workflow_ids.includes(workflow_id));
      if (index === -1) return undefined;
      const [workflow_id] = tasks.splice(index, 1);
      return { task: { workflow_id, task_id: miner_id }, claim: {} } as ClaimedTask;
    });
  }, bus);
  return {
    longPoll,
    forwarded,
    looks: () => looks,
    add: (...workflow_ids: string[]) => {
      tasks.push(...workflow_ids);
      for (const workflow_id of workflow_ids) bus.publishWork(workflow_id);
    },
  };
}

test('a miner that does not wait gets an answer at once, also while others are served', async () => {
  const { longPoll, add } = createLongPoll();
  add('a');
  const claims = Array.from({ length: 5 }, (_, index) => longPoll.claim(['a'], { miner_id: `m${index}` }, 0, never));
  const found = await Promise.all(claims);
  expect(found.filter(Boolean)).toHaveLength(1);
  expect(found[0]).toBeDefined();
});

test('a thousand idle miners cost two looks per task, and are served in their order', async () => {
  const { longPoll, add, looks } = createLongPoll();
  const order: number[] = [];
  const claims = Array.from({ length: 1000 }, (_, index) =>
    longPoll.claim(['a'], { miner_id: `m${index}` }, 10_000, never).then((found) => found && order.push(index)),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = looks();
  for (let count = 0; count < 10; count++) {
    add('a');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(looks() - before).toBeLessThanOrEqual(20);
  add(...Array(990).fill('a'));
  await Promise.all(claims);
  expect(order).toHaveLength(1000);
});

test('hundreds of claims for other workflows each cost no look, unless nothing can be looked up for all', async () => {
  const tasks: string[] = [];
  const bus = createBus();
  let claimed = 0;
  let isAway = false;
  const longPoll = new LongPoll(
    async ([workflow_id], claimants) => {
      claimed++;
      const count = tasks.splice(0, tasks[0] === workflow_id ? 1 : 0).length;
      return claimants.map(({ miner_id }, index) =>
        index < count ? ({ task: { task_id: miner_id }, claim: {} } as ClaimedTask) : undefined,
      );
    },
    bus,
    undefined,
    async () => (isAway ? Promise.reject(new Error('away')) : new Set(tasks)),
  );
  const stop = new AbortController();
  const greedy = Array.from({ length: 250 }, (_, index) =>
    longPoll.claim([`w${index}`], { miner_id: 'greedy' }, 60_000, stop.signal),
  );
  const honest = longPoll.claim(['a'], { miner_id: 'honest' }, 60_000, never);
  await new Promise((resolve) => setTimeout(resolve, 20));
  claimed = 0;
  tasks.push('a');
  bus.publishWork('a');
  expect(taskOf(await honest)?.task.task_id).toBe('honest');
  expect(claimed).toBe(1);
  tasks.push('w7');
  isAway = true;
  bus.publishWork('w7');
  expect(taskOf(await greedy[7])?.task.task_id).toBe('greedy');
  stop.abort();
  expect((await Promise.all(greedy)).filter(Boolean)).toHaveLength(1);
  // one that looks once gets its answer although nobody claims for it
  isAway = false;
  const late = [longPoll.claim(['x'], { miner_id: 'a' }, 0, never), longPoll.claim(['y'], { miner_id: 'b' }, 0, never)];
  expect(await Promise.all(late)).toEqual([undefined, undefined]);
});

test('each miner gets the task that was claimed for it, also if another got none', async () => {
  const bus = createBus();
  const longPoll = new LongPoll(
    async (_, claimants) =>
      claimants.map(({ miner_id }) =>
        miner_id === 'm0' ? undefined : ({ task: { task_id: miner_id }, claim: {} } as ClaimedTask),
      ),
    bus,
  );
  const claims = ['m0', 'm1', 'm2'].map((miner_id) => longPoll.claim(['a'], { miner_id: miner_id }, 0, never));
  expect((await Promise.all(claims)).map((found) => taskOf(found)?.task.task_id)).toEqual([undefined, 'm1', 'm2']);
});

test('miners get only what they can run', async () => {
  const { longPoll, add } = createLongPoll();
  const [a, b] = [
    longPoll.claim(['a'], { miner_id: 'm1' }, 5000, never),
    longPoll.claim(['b', 'c'], { miner_id: 'm2' }, 5000, never),
  ];
  add('c');
  expect(taskOf(await b)?.task.workflow_id).toBe('c');
  add('a');
  expect(taskOf(await a)?.task.workflow_id).toBe('a');
});

test('after its time, or when it disconnects, a miner gets nothing and takes nothing away', async () => {
  const { longPoll, add } = createLongPoll();
  expect(await longPoll.claim(['a'], { miner_id: 'm1' }, 30, never)).toBeUndefined();
  const gone = new AbortController();
  const claim = longPoll.claim(['a'], { miner_id: 'm2' }, 5000, gone.signal);
  await new Promise((resolve) => setTimeout(resolve, 20));
  gone.abort();
  expect(await claim).toBeUndefined();
  expect(await longPoll.claim(['a'], { miner_id: 'm2' }, 5000, AbortSignal.abort())).toBeUndefined();
  add('a');
  expect(await longPoll.claim(['a'], { miner_id: 'm3' }, 0, never)).toBeDefined();
});

test('a claim that fails, fails that miner only', async () => {
  const bus = createBus();
  let count = 0;
  const longPoll = new LongPoll(async () => {
    if (count++ === 0) throw new Error('database gone');
    return [{ task: {}, claim: {} } as ClaimedTask];
  }, bus);
  await expect(longPoll.claim(['a'], { miner_id: 'm1' }, 1000, never)).rejects.toThrow('database gone');
  expect(await longPoll.claim(['a'], { miner_id: 'm2' }, 1000, never)).toBeDefined();
});

test('work that no miner here can take is forwarded, and no other', async () => {
  const { longPoll, add, forwarded } = createLongPoll();
  const moment = () => new Promise((resolve) => setTimeout(resolve, 10));
  const claims = ['m1', 'm2'].map((miner_id) => longPoll.claim(['a'], { miner_id }, 5000, never));
  await moment();
  add('a');
  await moment();
  // the other one waits on: there is nothing left
  expect(forwarded).toEqual([]);
  add('b');
  await moment();
  expect(forwarded).toEqual(['work']);
  add('a', 'a');
  await Promise.all(claims);
  await moment();
  // nobody is left who could know
  expect(forwarded.length).toBeGreaterThan(1);
});

test('miners are claimed for in batches', async () => {
  const sizes: number[] = [];
  const longPoll = new LongPoll(
    async (_, claimants) => {
      sizes.push(claimants.length);
      return claimants.map(({ miner_id }) => ({ task: { task_id: miner_id }, claim: {} }) as ClaimedTask);
    },
    createBus(),
    2,
  );
  const miners = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(miners.map((miner_id) => longPoll.claim(['x'], { miner_id }, 0, never)));
  // the first one is served alone, the others meanwhile
  expect(sizes).toEqual([1, 2, 2, 1]);
});

test('a miner that runs as many tasks as it may is told at once, and hides no work from other replicas', async () => {
  const forwarded: string[] = [];
  const bus = createBus((event) => forwarded.push(event));
  const longPoll = new LongPoll(async (_, claimants) => claimants.map(() => FULL), bus);
  expect(await longPoll.claim(['a'], { miner_id: 'm1' }, 60_000, never)).toBe(FULL);
  bus.publishWork('a');
  await expect.poll(() => forwarded).toEqual(['work']);
});
