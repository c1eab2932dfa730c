import type { Clock } from '@heurist/server-kit/clock';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HeuristError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { CallOptions } from '../wire/transport.ts';
import { Budget } from './budget.ts';
import { followEvents } from './task-events.ts';
import { type WaitOptions, waitForTask } from './wait-for-task.ts';

const state = (status: string, more: object = {}) => ({ task_id: 't1', status, ...more }) as WorkflowTaskResult;
const running = () => state('running');
const unavailable = () => {
  throw new HeuristError('down', { code: 'unavailable', isRetryable: true });
};
const noEvents = () => Promise.reject(new HeuristError('no such call', { code: 'not_found' }));

/** A wait on a clock of the test. */
function start(
  answer: (elapsed: number) => WorkflowTaskResult,
  options: WaitOptions = {},
  open: (clock: Clock) => Promise<Response> = noEvents,
) {
  const clock = new FakeClock(0);
  const polls: { at: number; options: CallOptions }[] = [];
  const cancels: CallOptions[] = [];
  const states: WorkflowTaskResult[] = [];
  const budget = new Budget(options);
  onTestFinished(() => budget.end());
  const calls = {
    query: async (_: string, options: CallOptions) => {
      polls.push({ at: clock.now(), options });
      return answer(clock.now());
    },
    follow: (_: string, signal: AbortSignal) => followEvents(() => open(clock), signal, clock),
    cancel: async (_: string, options: CallOptions) => cancels.push(options),
  };
  const onProgress = (step: WorkflowTaskResult) => void states.push(step);
  const result = waitForTask(calls, 't1', budget, { onProgress, ...options }, clock);
  result.catch(() => {});
  return { clock, polls, cancels, states, result, times: () => polls.map(({ at }) => at) };
}

const eventStream = (text: string) => async () => new Response(text);
const openStream = (text: string) => async () =>
  new Response(
    new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode(text)) }),
  );
/** Says something every two seconds, for so long. */
const liveStream = (text: string, lastsMs: number) => async (clock: Clock) =>
  new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      async pull(controller) {
        await clock.sleep(2000);
        if (clock.now() < lastsMs) controller.enqueue(new TextEncoder().encode(': alive\n\n'));
        else controller.close();
      },
    }),
  );
const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;

describe('polls', () => {
  test('without events are frequent at first, and rarer the longer it takes', async () => {
    const { clock, times } = start(running);
    await clock.advance(240_000);
    // a result within a minute is seen within a second
    expect(times().slice(0, 61)).toEqual(Array.from({ length: 61 }, (_, second) => second * 1000));
    const gaps = times().map((at, index) => at - (times()[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBe(10_000);
    expect(gaps.at(-1)).toBe(10_000);
  });

  test('are never rarer than the interval', async () => {
    const { clock, times } = start(running, { interval: 1500 });
    await clock.advance(100_000);
    const gaps = times().map((at, index) => at - (times()[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBe(1500);
  });

  test('are rare while events arrive', async () => {
    const { clock, times } = start(running, { interval: 20_000 }, liveStream(event(running()), 60_000));
    await clock.advance(50_000);
    expect(times()).toEqual([0, 20_000, 40_000]);
  });

  test('follow at once on the end of a stream that was relied on, and are frequent again', async () => {
    const streams = [liveStream(event(running()), 6000)];
    const { clock, times } = start(running, {}, async (at) => await (streams.shift() ?? noEvents)(at));
    await clock.advance(8000);
    expect(times()).toEqual([0, 6000, 7000, 8000]);
  });

  test('follow at once on an event that says that the task has ended', async () => {
    let asked = 0;
    const { clock, polls, result } = start(
      () => (asked++ ? state('finished', { result: 'url' }) : running()),
      {},
      openStream(event(state('running', { progress: { percent: 50 } })) + event(state('finished'))),
    );
    await clock.advance(0);
    expect(await result).toEqual(state('finished', { result: 'url' }));
    expect(polls).toHaveLength(2);
  });

  test('give an attempt 15 seconds, and one retry', async () => {
    const { clock, polls } = start(running);
    await clock.advance(0);
    expect(polls[0]?.options).toMatchObject({ timeout: 15_000, retries: 1, signal: expect.any(AbortSignal) });
  });

  test('that fail for a while do not end the wait', async () => {
    const { clock, result } = start((elapsed) => (elapsed < 3000 ? unavailable() : state('finished')));
    await clock.advance(3000);
    expect(await result).toEqual(state('finished'));
  });

  test('that are refused end the wait', async () => {
    const refused = () => {
      throw new HeuristError('wrong key', { code: 'unauthorized' });
    };
    const { result, cancels } = start(refused);
    await expect(result).rejects.toMatchObject({ code: 'unauthorized' });
    expect(cancels).toEqual([]);
  });

  test.each(['finished', 'failed', 'canceled'])('end with %s', async (status) => {
    expect(await start(() => state(status)).result).toEqual(state(status));
  });
});

describe('onProgress', () => {
  test('is called for what is new, from polls and events alike', async () => {
    const half = state('running', { progress: { percent: 50 } });
    const { clock, states } = start((elapsed) => (elapsed < 2000 ? running() : half), {}, eventStream(event(half)));
    await clock.advance(5000);
    expect(states).toEqual([running(), half, running(), half]);
  });
});

describe('a wait that is given up', () => {
  test('cancels the task, within 5 seconds', async () => {
    const stop = new AbortController();
    const { clock, result, cancels } = start(running, { signal: stop.signal });
    await clock.advance(0);
    stop.abort('enough');
    await expect(result).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    expect(cancels).toMatchObject([{ timeout: 2500, retries: Infinity, signal: expect.any(AbortSignal) }]);
  });

  test('leaves it, if asked to', async () => {
    const stop = new AbortController();
    const { clock, result, cancels } = start(running, { signal: stop.signal, onAbort: 'leave' });
    await clock.advance(0);
    stop.abort();
    await expect(result).rejects.toMatchObject({ code: 'aborted' });
    expect(cancels).toEqual([]);
  });
});

describe('the budget', () => {
  const budgetOf = (options: WaitOptions) => {
    const budget = new Budget(options);
    onTestFinished(() => budget.end());
    return budget;
  };

  test.each([999, 0, -1, Number.NaN])('refuses an interval of %s', (interval) => {
    expect(() => new Budget({ interval })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: `\`interval\` must be at least 1000 milliseconds (got ${interval}).`,
      }),
    );
  });

  test.each([1000, 10_000])('accepts an interval of %s', (interval) => {
    expect(budgetOf({ interval }).signal.aborted).toBe(false);
  });

  test('ends by itself, and names the task', async () => {
    const budget = budgetOf({ timeout: 20 });
    budget.task_id = 't1';
    await expect.poll(() => budget.signal.aborted).toBe(true);
    expect(budget.signal.reason).toMatchObject({
      code: 'task_timeout',
      task_id: 't1',
      isRetryable: true,
      message: 'Timeout waiting for task result: task t1 did not end within 20 ms. Pass a longer timeout.',
    });
  });

  test.each([2 ** 31, 2 ** 40, Infinity])('does not end at once for a timeout of %s', async (timeout) => {
    const budget = budgetOf({ timeout });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(budget.signal.aborted).toBe(false);
  });

  test('ends with the signal of the caller, also one that fired before', () => {
    const stop = new AbortController();
    const budget = budgetOf({ signal: stop.signal });
    budget.task_id = 't1';
    stop.abort('enough');
    expect(budget.signal.reason).toMatchObject({
      name: 'AbortError',
      code: 'aborted',
      task_id: 't1',
      cause: 'enough',
      message: 'Waiting for task t1 was aborted.',
    });
    expect(budgetOf({ signal: stop.signal }).signal.reason).toMatchObject({
      task_id: undefined,
      message: 'Waiting for the submit was aborted.',
    });
  });

  test('lets go of the timer and of the signal of the caller when it ends', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const stop = new AbortController();
    const budget = new Budget({ signal: stop.signal });
    expect(vi.getTimerCount()).toBe(1);
    budget.end();
    expect(vi.getTimerCount()).toBe(0);
    stop.abort('enough');
    expect(budget.signal.reason).toMatchObject({ name: 'AbortError' });
    expect(HeuristError.isInstance(budget.signal.reason)).toBe(false);
  });
});

test('a timeout carries the last warning of the task, and none once it runs', async () => {
  const timeoutOf = async (states: WorkflowTaskResult[], timeout: number) => {
    const { clock, result } = start(() => states.shift() ?? running(), { timeout });
    await clock.advance(1500);
    return await result.catch((error) => error);
  };
  const waiting = state('waiting', { warning: 'No miner runs sdxl.' });
  expect(await timeoutOf([waiting, waiting], 200)).toMatchObject({
    code: 'task_timeout',
    warning: 'No miner runs sdxl.',
    message: expect.stringMatching(/within 200 ms\. No miner runs sdxl\.$/),
  });
  const failing = start((elapsed) => (elapsed ? unavailable() : waiting), { timeout: 200 });
  await failing.clock.advance(1500);
  expect((await failing.result.catch((error) => error)).message).toMatch(
    /No miner runs sdxl\. The last query failed: down$/,
  );
  const late = await timeoutOf([waiting], 200);
  expect(late).toMatchObject({ warning: undefined, message: expect.stringContaining('longer') });
});
