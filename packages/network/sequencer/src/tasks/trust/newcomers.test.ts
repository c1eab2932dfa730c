import { expect, test } from 'vitest';
import { useTaskRoom } from '../../../test/support/task-room.ts';
import { Claims, FULL, isTask } from '../claims.ts';
import { Newcomers } from './newcomers.ts';

const room = useTaskRoom();
const limitOf = async (newcomers: Newcomers, miner_id = 'rig') =>
  (await newcomers.limits(room.database, [miner_id])).get(miner_id);
const finish = (newcomers: Newcomers, count: number, miner_id: string | null = 'rig') =>
  newcomers.recordFinish(room.database, Array(count).fill({ miner_id }));

test('a miner begins with 16 tasks at a time, and each that it finishes doubles that', async () => {
  const newcomers = new Newcomers();
  const seen = [await limitOf(newcomers)];
  for (let count = 0; count < 4; count++) {
    await finish(newcomers, 1);
    seen.push(await limitOf(newcomers));
  }
  expect(seen).toEqual([16, 32, 64, 128, undefined]);
  expect(await limitOf(newcomers, 'stranger')).toBe(16);
});

test('what one replica has counted, the others know; each miner counts alone', async () => {
  await finish(new Newcomers(), 1, 'third');
  await finish(new Newcomers(), 2, 'other');
  await finish(new Newcomers(), 1, null);
  const [one, two] = [new Newcomers(), new Newcomers()];
  expect([await limitOf(one, 'third'), await limitOf(two, 'other')]).toEqual([32, 64]);
  await finish(one, 500, 'third');
  expect([await limitOf(one, 'third'), await limitOf(two, 'third')]).toEqual([undefined, undefined]);
});

test('claims keep to it', async () => {
  for (let count = 0; count < 40; count++) await room.submit();
  const newcomers = new Newcomers();
  const claims = new Claims(room.context, { newcomers });
  const take = async () => {
    const found = await claims.claim(
      ['echo'],
      Array.from({ length: 20 }, () => ({ miner_id: 'farm' })),
    );
    return [found.filter(isTask).length, found.filter((outcome) => outcome === FULL).length];
  };
  expect(await take()).toEqual([16, 4]);
  await finish(newcomers, 1, 'farm');
  // 16 run already
  expect(await take()).toEqual([16, 4]);
});
