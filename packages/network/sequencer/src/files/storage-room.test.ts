import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { StorageRoom } from './storage-room.ts';

function createRoom({
  free,
  stored = 0,
  min = 0,
  max,
}: {
  free?: number;
  stored?: number;
  min?: number;
  max?: number;
}) {
  const clock = new FakeClock();
  const state = { free, stored };
  const store = free === undefined ? {} : { freeBytes: async () => state.free! };
  const total = async () => state.stored;
  return { clock, state, room: new StorageRoom(store, { minFreeBytes: min, maxStoredBytes: max, total, clock }) };
}

test.each([
  ['a disk with enough room', { free: 100, min: 100 }, 0],
  ['a disk with too little', { free: 40, min: 100 }, 60],
  ['no demand on the disk', { free: 0, min: 0 }, 0],
  ['a bucket under its limit', { stored: 10, max: 100 }, -90],
  ['a bucket over its limit', { stored: 130, max: 100 }, 30],
  ['a bucket without one', { stored: 1e15, min: 100 }, 0],
  ['both: what lacks most', { free: 40, min: 100, stored: 130, max: 100 }, 60],
])('%s', async (_, options, missing) => {
  expect(await createRoom(options).room.missingBytes()).toBeCloseTo(Math.max(missing, 0));
});

test('what is free, and until when, from a sample each ten minutes', async () => {
  const { clock, state, room } = createRoom({ free: 1000, stored: 5 });
  await room.sample();
  expect(await room.measure()).toEqual({ storedBytes: 5, freeBytes: 1000 });
  state.free = 900;
  await clock.advance(60 * 60_000);
  expect(await room.measure()).toEqual({ storedBytes: 5, freeBytes: 900, secondsLeft: 9 * 3600 });
});

test('the pace is that of the last day', async () => {
  const { clock, state, room } = createRoom({ free: 100_000 });
  for (let sample = 0; sample < 300; sample++) {
    await room.sample();
    await clock.advance(10 * 60_000);
    // much at first, nothing later
    if (sample < 100) state.free! -= 100;
  }
  expect(await room.measure()).toEqual({ storedBytes: 0, freeBytes: 90_000 });
});

test('up to a limit of the operator, if that is less than the disk has', async () => {
  expect(await createRoom({ free: 1000, stored: 400, max: 500 }).room.measure()).toMatchObject({ freeBytes: 100 });
  expect(await createRoom({ stored: 600, max: 500 }).room.measure()).toMatchObject({ freeBytes: 0 });
  expect(await createRoom({ stored: 600 }).room.measure()).toEqual({ storedBytes: 600 });
});
