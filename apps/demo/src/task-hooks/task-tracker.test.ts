import { expect, test, vi } from 'vitest';
import type { TaskStreamEvents, TrackedState } from './task-source.ts';
import { TaskTracker } from './task-tracker.ts';

/** A network in memory: what it says of a task, who follows it, and how often it was asked. */
function createNetwork() {
  const states = new Map<string, TrackedState>();
  const streams: { ids: readonly string[]; events: TaskStreamEvents<TrackedState>; isOpen: boolean }[] = [];
  const reads: string[] = [];
  let isDown = false;
  const source = {
    async read(task_id: string) {
      reads.push(task_id);
      if (isDown) throw new Error('down');
      const state = states.get(task_id);
      if (!state) throw new Error('gone');
      return state;
    },
    follow(ids: readonly string[], events: TaskStreamEvents<TrackedState>) {
      const stream = { ids, events, isOpen: true };
      streams.push(stream);
      return () => {
        stream.isOpen = false;
      };
    },
    async cancel(task_id: string) {
      states.set(task_id, { task_id, status: 'canceled' });
    },
    isGone: (error: unknown) => (error as Error).message === 'gone',
  };
  const set = (task_id: string, status: string) => states.set(task_id, { task_id, status });
  function setDown(value: boolean) {
    isDown = value;
  }
  return { source, streams, reads, set, setDown };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a task that began before a reload is waited for by its id, until it has ended', async () => {
  const network = createNetwork();
  network.set('a', 'running');
  const tracker = new TaskTracker(network.source);
  const ended: string[] = [];
  tracker.onSettled((_, task_id) => ended.push(task_id));
  tracker.watch('a', () => {});
  await settle();
  expect(tracker.get('a').state?.status).toBe('running');
  expect(network.streams.map(({ ids }) => ids)).toEqual([['a']]);
  network.streams[0]!.events.onState({ task_id: 'a', status: 'finished' });
  await settle();
  expect(ended).toEqual(['a']);
  expect(network.streams[0]!.isOpen).toBe(false);
});

test('a state that arrives late does not revive a task that has ended', async () => {
  const network = createNetwork();
  network.set('a', 'running');
  const tracker = new TaskTracker(network.source);
  tracker.watch('a', () => {});
  await settle();
  const { events } = network.streams[0]!;
  events.onState({ task_id: 'a', status: 'finished' });
  events.onState({ task_id: 'a', status: 'running' });
  expect(tracker.get('a').state?.status).toBe('finished');
  // nor is it read again
  network.reads.length = 0;
  expect([(await tracker.load('a')).status, network.reads]).toEqual(['finished', []]);
});

test('tasks that are watched at once share a stream; what exceeds it is polled', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const network = createNetwork();
    for (const id of ['a', 'b', 'c']) network.set(id, 'running');
    const tracker = new TaskTracker(network.source, { maxFollowed: 2, pollMs: 1000 });
    const ends = ['a', 'b', 'c'].map((id) => tracker.watch(id, () => {}));
    await settle();
    expect(network.streams.map(({ ids }) => ids)).toEqual([['a', 'b']]);
    network.reads.length = 0;
    vi.advanceTimersByTime(1000);
    expect(network.reads).toEqual(['a', 'b', 'c']);
    await settle();
    for (const end of ends) end();
    await settle();
    network.reads.length = 0;
    vi.advanceTimersByTime(5000);
    expect(network.reads).toEqual([]);
    expect(network.streams.every(({ isOpen }) => !isOpen)).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('while the network is down the last state stays, with the error; then it goes on', async () => {
  const network = createNetwork();
  network.set('a', 'running');
  const tracker = new TaskTracker(network.source);
  tracker.watch('a', () => {});
  await settle();
  network.setDown(true);
  network.streams[0]!.events.onGap();
  await settle();
  expect(tracker.get('a')).toMatchObject({ state: { status: 'running' }, error: { message: 'down' }, isGone: false });
  network.setDown(false);
  tracker.refresh();
  await settle();
  expect(tracker.get('a').error).toBeUndefined();
});

test('a task that is not there is said to be gone, and not asked for again', async () => {
  const network = createNetwork();
  const tracker = new TaskTracker(network.source);
  const gone: string[] = [];
  tracker.onSettled(({ isGone }, task_id) => void (isGone && gone.push(task_id)));
  tracker.watch('lost', () => {});
  await settle();
  tracker.refresh();
  expect([tracker.get('lost').isGone, gone, network.reads]).toEqual([true, ['lost'], ['lost']]);
});

test('a cancelled task is read at once', async () => {
  const network = createNetwork();
  network.set('a', 'running');
  const tracker = new TaskTracker(network.source);
  tracker.watch('a', () => {});
  await settle();
  await tracker.cancel('a');
  await settle();
  expect(tracker.get('a').state?.status).toBe('canceled');
});
