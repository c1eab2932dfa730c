import { FakeClock } from '@heurist/server-kit/fake-clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { ComfyGuard } from './comfy-guard.ts';

const MINUTE = 60_000;
/** Not 0, where sums and differences are the same. */
const START = 10_000_000;
const url = 'http://comfyui/';

let clock: FakeClock;
/** The prompt that runs; an error: ComfyUI does not answer. */
let head: string | undefined | Error;
let frees: number;
let restarts: number[];
let logger: ReturnType<typeof createRecordingLogger>;
beforeEach(() => {
  clock = new FakeClock(START);
  head = undefined;
  frees = 0;
  restarts = [];
  logger = createRecordingLogger();
});

const comfyui = {
  url,
  async queue() {
    if (head instanceof Error) throw head;
    return { running: head === undefined ? [] : [head], pending: [] };
  },
  async free() {
    frees++;
  },
};
const restart = async () => void restarts.push(clock.now() - START);
const create = (options: { restart?: (() => Promise<void>) | undefined } = { restart }) =>
  new ComfyGuard({ comfyui, logger, clock, ...options });

/** Waits until the guard trusts its ComfyUI; answers how long that took. */
async function recover(guard: ComfyGuard, limitMs: number): Promise<number | undefined> {
  const start = clock.now();
  let end: number | undefined;
  void guard.untilWorks(new AbortController().signal).then(() => {
    end = clock.now();
  });
  // step by step, since the end is the time at which it resolves
  for (let passed = 0; end === undefined && passed <= limitMs; passed += 500) await clock.advance(500);
  return end === undefined ? undefined : end - start;
}

test('a restart that throws at once is one that failed', async () => {
  const guard = create({
    restart: () => {
      throw new Error('no such unit');
    },
  });
  head = 'stuck';
  await guard.recordFailure('broken');
  const ended = recover(guard, 10_000);
  await clock.advance(0);
  head = undefined;
  expect(await ended).toBeDefined();
  expect(logger.lines.at(-1)).toContain('error the restart of ComfyUI failed');
});

describe('whose fault a failure is', () => {
  test.each(['task', 'memory'] as const)('%s: the ComfyUI is not in doubt', async (fault) => {
    const guard = create();
    await guard.recordFailure(fault);
    expect(guard.doubt.aborted).toBe(false);
    expect(frees).toBe(fault === 'memory' ? 1 : 0);
  });

  test.each(['comfyui', 'broken'] as const)('%s: it is, until it works', async (fault) => {
    const guard = create();
    const { doubt } = guard;
    await guard.recordFailure(fault);
    expect([doubt.aborted, guard.doubt.aborted, frees]).toEqual([true, true, 0]);
    await recover(guard, MINUTE);
    expect(guard.doubt.aborted).toBe(false);
    expect(logger.lines[0]).toBe('warn waiting for ComfyUI {"comfyui":"http://comfyui/","failures":1}');
  });

  test('memory that cannot be freed is no failure of its own', async () => {
    const failing = { ...comfyui, free: () => Promise.reject(new Error('away')) };
    const guard = new ComfyGuard({ comfyui: failing, logger, clock });
    await guard.recordFailure('memory');
    expect(guard.doubt.aborted).toBe(false);
  });
});

describe('the pause after failures in a row', () => {
  const fail = async (guard: ComfyGuard, times: number) => {
    for (let count = 0; count < times; count++) await guard.recordFailure('comfyui');
  };
  /** The last sleep is the pause. */
  const pauseAfter = async (failures: number) => {
    const guard = create();
    await fail(guard, failures);
    await recover(guard, 10 * MINUTE);
    return clock.sleeps.at(-1);
  };

  test.each([
    [1, 0],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [9, 256_000],
    [10, 5 * MINUTE],
    [40, 5 * MINUTE],
  ])('after %i: %i ms', async (failures, expected) => {
    expect(await pauseAfter(failures)).toBe(expected);
  });

  test('a graph that finishes begins the count anew', async () => {
    const guard = create();
    await fail(guard, 5);
    guard.recordSuccess();
    await fail(guard, 1);
    await recover(guard, MINUTE);
    expect(clock.sleeps.at(-1)).toBe(0);
  });
});

describe('waiting', () => {
  test('for a ComfyUI that does not answer: with a delay that doubles up to 30 seconds', async () => {
    head = new Error('away');
    const guard = create();
    await guard.recordFailure('comfyui');
    const recovering = recover(guard, 200_000);
    await recovering;
    // without the limit of the restart command
    const delays = clock.sleeps.filter((ms) => ms <= 30_000).slice(0, 7);
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('until the stuck prompt has left the queue, although another one runs', async () => {
    head = 'stuck';
    const guard = create({ restart: undefined });
    await guard.recordFailure('comfyui');
    expect(await recover(guard, 10_000)).toBeUndefined();
    head = 'another';
    await clock.advance(30_000);
    expect(guard.doubt.aborted).toBe(false);
  });

  test('not for a prompt that was found after ComfyUI had been away', async () => {
    head = 'stuck';
    const guard = create({ restart: undefined });
    await guard.recordFailure('comfyui');
    void guard.untilWorks(new AbortController().signal);
    await clock.advance(500);
    head = new Error('away');
    await clock.advance(2000);
    head = 'stuck';
    await clock.advance(10_000);
    expect(guard.doubt.aborted).toBe(false);
  });

  test('ends with its signal', async () => {
    head = 'stuck';
    const guard = create();
    await guard.recordFailure('comfyui');
    const stopping = new AbortController();
    const waiting = guard.untilWorks(stopping.signal);
    await clock.advance(100);
    stopping.abort();
    await waiting;
    expect(clock.now()).toBe(START + 100);
  });
});

describe('restarts', () => {
  test('a broken ComfyUI at once, and a ComfyUI in doubt not at all', async () => {
    const broken = create();
    await broken.recordFailure('broken');
    await recover(broken, MINUTE);
    expect([restarts, broken.restarts]).toEqual([[0], 1]);
    const inDoubt = create();
    await inDoubt.recordFailure('comfyui');
    await recover(inDoubt, MINUTE);
    expect(inDoubt.restarts).toBe(0);
  });

  test('one that does not answer, once that has lasted for a minute', async () => {
    head = new Error('away');
    const guard = create();
    await guard.recordFailure('comfyui');
    await recover(guard, 61_000);
    // looks at 0, 1, 3, 7, 15, 31, 61 seconds
    expect(restarts).toEqual([61_000]);
  });

  test('again while the queue stands still, but at most every five minutes', async () => {
    head = 'stuck';
    const guard = create();
    await guard.recordFailure('broken');
    await recover(guard, 11 * MINUTE);
    expect(restarts[0]).toBe(0);
    expect(restarts.length).toBe(3);
    for (const [index, at] of restarts.entries())
      if (index) expect(at - restarts[index - 1]!).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(restarts[1]).toBeLessThanOrEqual(5 * MINUTE + 31_000);
  });

  test('at most every five minutes also over several failures; then again', async () => {
    const guard = create();
    await guard.recordFailure('broken');
    await recover(guard, MINUTE);
    await guard.recordFailure('broken');
    await recover(guard, MINUTE);
    expect(restarts.length).toBe(1);
    await clock.advance(5 * MINUTE);
    guard.recordSuccess();
    await guard.recordFailure('broken');
    await recover(guard, MINUTE);
    expect(restarts.length).toBe(2);
  });

  test('a ComfyUI that works again is not broken any more', async () => {
    const guard = create();
    await guard.recordFailure('broken');
    await recover(guard, MINUTE);
    await clock.advance(10 * MINUTE);
    await guard.recordFailure('comfyui');
    await recover(guard, MINUTE);
    expect(restarts).toEqual([0]);
  });

  test('without a command, says that one is needed', async () => {
    const guard = create({ restart: undefined });
    await guard.recordFailure('broken');
    await recover(guard, MINUTE);
    expect(guard.restarts).toBe(0);
    expect(logger.lines).toContain(
      'error ComfyUI needs a restart, and no restart command is configured {"comfyui":"http://comfyui/"}',
    );
  });

  test('a command that fails is logged, and the wait goes on', async () => {
    const guard = create({ restart: () => Promise.reject(new Error('no such unit')) });
    await guard.recordFailure('broken');
    expect(await recover(guard, MINUTE)).toBeDefined();
    expect(guard.restarts).toBe(1);
    expect(logger.lines.slice(1)).toEqual([
      'warn restarting ComfyUI {"comfyui":"http://comfyui/"}',
      'error the restart of ComfyUI failed {"comfyui":"http://comfyui/","message":"no such unit"}',
    ]);
  });
});
