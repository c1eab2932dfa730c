import { randomUUID } from 'node:crypto';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { useTaskRoom } from '../../test/support/task-room.ts';
import { createPreviews, PreviewPace } from './previews.ts';

const room = useTaskRoom();
/** A database that other processes share keeps previews for them. */
const shared = () =>
  createPreviews({
    ...room.database,
    channel: { publish: async () => {}, subscribe: async () => ({ isCurrent: () => true, stop: async () => {} }) },
  });

test.each(['in memory', 'in the database'])('the newest preview of a task, %s', async (where) => {
  const previews = where === 'in memory' ? createPreviews(room.database) : shared();
  const [one, two] = [randomUUID(), randomUUID()];
  expect(await previews.get(one)).toBeUndefined();
  await previews.set(one, 'first');
  await previews.set(one, 'second');
  await previews.set(two, 'other');
  expect([await previews.get(one), await previews.get(two)]).toEqual(['second', 'other']);
  await previews.delete(one);
  expect([await previews.get(one), await previews.get(two)]).toEqual([undefined, 'other']);
});

test('memory holds a limited number: the one that was not renewed for longest goes', async () => {
  const previews = createPreviews(room.database, 2);
  await previews.set('a', '1');
  await previews.set('b', '2');
  await previews.set('a', '3');
  await previews.set('c', '4');
  expect(await Promise.all(['a', 'b', 'c'].map(previews.get))).toEqual(['3', undefined, '4']);
});

test('200 by default', async () => {
  const previews = createPreviews(room.database);
  for (let count = 0; count <= 200; count++) await previews.set(`${count}`, 'x');
  expect(await Promise.all(['0', '1', '200'].map(previews.get))).toEqual([undefined, 'x', 'x']);
});

test('other replicas see what is in the database, and not what is in memory', async () => {
  const task_id = randomUUID();
  await shared().set(task_id, 'seen');
  expect(await shared().get(task_id)).toBe('seen');
  expect(await createPreviews(room.database).get(task_id)).toBeUndefined();
});

test('a sweep deletes previews whose tasks no longer run', async () => {
  const [running, waiting] = [await room.submit(), await room.submit()];
  await room.claim();
  const previews = shared();
  for (const task_id of [running, waiting, randomUUID()]) await previews.set(task_id, 'x');
  await previews.sweep();
  expect(await room.database.query('SELECT task_id FROM heurist.preview')).toEqual([{ task_id: running }]);
});

test('a task has 400 kB of previews a second: an honest miner never notices', async () => {
  const clock = new FakeClock();
  const pace = new PreviewPace(clock);
  const admitted = async (characters: number, everyMs: number) => {
    const task_id = randomUUID();
    let count = 0;
    for (let time = 0; time < 10_000; time += everyMs) {
      if (pace.admit(task_id, characters)) count++;
      await clock.advance(everyMs);
    }
    return count;
  };
  expect(await admitted(100_000, 250)).toBe(40);
  expect(await admitted(400_000, 100)).toBe(10);
  expect(await admitted(4000, 100)).toBe(100);
});
