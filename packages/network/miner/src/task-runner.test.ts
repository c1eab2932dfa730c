import { ComfyClient, ComfyError } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { type FaultProxy, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../test/recording-logger.ts';
import { StubSequencer } from '../test/stub-sequencer.ts';
import { Cleaner } from './comfyui/cleaner.ts';
import { Offers } from './comfyui/offers.ts';
import { type Finished, InFlight } from './task/in-flight.ts';
import { noJournal } from './task/journal.ts';
import type { Fault } from './task/task-error.ts';
import { LOOK_MS, MAX_DELIVERIES, TaskRunner } from './task-runner.ts';
import { HeldModels } from './warm/held-models.ts';

let server: SlowComfyui;
let proxy: FaultProxy;
let sequencer: StubSequencer;
let logger: ReturnType<typeof createRecordingLogger>;
let faults: (Fault | 'none')[];
let forgotten: [string, object | undefined][];
let offers: Offers;
let inFlight: InFlight;
let runner: TaskRunner;
let models: HeldModels;
beforeEach(async () => {
  server = await startSlowComfyui({ durations: [20] });
  proxy = await startFaultProxy(server.url);
  sequencer = new StubSequencer();
  logger = createRecordingLogger();
  faults = [];
  models = new HeldModels();
  forgotten = [];
  runner = await create();
});
afterEach(async () => {
  await proxy.stop();
  await server.stop();
});

async function create({ prefetch = 1, clock }: { prefetch?: number; clock?: FakeClock } = {}): Promise<TaskRunner> {
  const comfyui = new ComfyClient({ url: proxy.url, pollInterval: 50 });
  offers = new Offers(comfyui, [paint]);
  await offers.load();
  const cleaner = new Cleaner({ comfyui, folder: undefined, logger });
  inFlight = new InFlight({ comfyui, journal: noJournal, cleaner, workflows: [paint], logger });
  inFlight.forget = async (task_id, options) => {
    forgotten.push([task_id, options]);
    return false;
  };
  return new TaskRunner({
    comfyui,
    sequencer,
    offers,
    inFlight,
    cleaner,
    guard: { recordSuccess: () => faults.push('none'), recordFailure: async (fault) => void faults.push(fault) },
    policy: { sequencerUrl: 'http://127.0.0.1:1' },
    rawNodes: new Set(),
    prefetch,
    models,
    keepMetadata: false,
    logger,
    ...(clock && { clock }),
  });
}

const task = (task_id: string, more: object = {}) => ({
  task_id,
  lease_id: `lease of ${task_id}`,
  workflow_id: 'paint',
  task_details: { parameters: { color: 7 } },
  heartbeat_seconds: 5,
  ...more,
});

test('a task runs, goes up, and is reported', async () => {
  runner.begin(task('a'));
  expect(runner.running).toBe(1);
  await runner.drain();
  expect([runner.running, runner.delivering]).toEqual([0, 0]);
  expect(sequencer.uploads).toMatchObject([{ lease_id: 'lease of a', content_type: 'image/png' }]);
  expect(sequencer.reports).toMatchObject([{ lease_id: 'lease of a', success: true, parameters: { color: 7 } }]);
  const { run_seconds, upload_seconds, output_bytes, ...counts } = runner.tally.counts;
  expect(counts).toEqual({
    finished: 1,
    failed: {},
    lost: 0,
    load_seconds: 0,
    model_switches: 0,
    model_load_seconds: 0,
    input_bytes: 0,
    claims: 0,
  });
  expect(upload_seconds).toBeGreaterThan(0);
  expect(output_bytes).toBeGreaterThan(50);
  expect(run_seconds).toBeGreaterThan(0);
  expect(run_seconds).toBeLessThan(60);
  expect([faults, forgotten]).toEqual([['none'], [['a', undefined]]]);
  expect(logger.lines).toEqual([
    expect.stringMatching(/^info graph finished \{"task_id":"a","seconds":[\d.]+\}$/),
    'info task delivered {"task_id":"a","outputs":1}',
  ]);
});

describe('a failure', () => {
  test('of the task is reported, and nobody else is blamed', async () => {
    runner.begin(task('a', { task_details: { parameters: { color: 'red' } } }));
    await runner.drain();
    expect(sequencer.reports).toMatchObject([
      { lease_id: 'lease of a', success: false, error: { code: 'invalid_parameters', is_retryable: false } },
    ]);
    expect([faults, forgotten]).toEqual([['task'], [['a', { keepsFinished: false }]]]);
    expect(runner.tally.counts).toMatchObject({ finished: 0, failed: { invalid_parameters: 1 } });
    expect(logger.lines[0]).toMatch(
      /^warn task failed \{"task_id":"a","code":"invalid_parameters","reason":"invalid_parameters"/,
    );
  });

  test('of the ComfyUI is told to its guard', async () => {
    proxy.faults.answer = async ({ path, pass }) => (path === '/prompt' ? { status: 500, body: '' } : await pass());
    runner.begin(task('a'));
    await runner.drain();
    expect(faults).toEqual(['comfyui']);
    expect(sequencer.reports).toMatchObject([{ success: false, error: { code: 'comfyui_failed' } }]);
  });

  /** The graph ends, and its history says something else. */
  function failWith(exception_type: string, exception_message: string): void {
    const messages = [
      ['execution_error', { node_id: 'save', node_type: 'SaveImage', exception_type, exception_message }],
    ];
    proxy.faults.answer = async ({ path, pass }) => {
      const reply = await pass();
      if (!path.startsWith('/history/') || !reply || `${reply.body}` === '{}') return reply;
      const status = { status_str: 'error', completed: false, messages };
      return { ...reply, body: JSON.stringify({ [path.split('/')[2]!]: { outputs: {}, status } }) };
    };
  }

  test.each<[string, () => void, object[]]>([
    ['of the task', () => failWith('ValueError', 'no such color'), [{ key: 'x' }]],
    ['of the memory', () => failWith('torch.OutOfMemoryError', 'Allocation on device'), []],
    ['of the GPU', () => failWith('RuntimeError', 'CUDA error: unspecified launch failure'), []],
    [
      'of a ComfyUI that has gone',
      () => {
        proxy.faults.answer = async ({ path, pass }) => (path === '/prompt' ? { status: 500, body: '' } : await pass());
      },
      [],
    ],
    [
      'of an output that was made earlier and is not there any more, after which all is freed',
      () => {
        proxy.faults.answer = async ({ path, pass }) => {
          if (path.startsWith('/view')) return { status: 404, body: '' };
          const reply = await pass();
          if (!path.startsWith('/history/') || !reply || `${reply.body}` === '{}') return reply;
          const [[id, entry]] = Object.entries(JSON.parse(`${reply.body}`)) as [
            [string, { status: object; outputs: object }],
          ];
          const messages = [['execution_cached', { nodes: Object.keys(entry.outputs) }]];
          return { ...reply, body: JSON.stringify({ [id]: { ...entry, status: { ...entry.status, messages } } }) };
        };
      },
      [],
    ],
  ])('%s: what is in memory after it', async (_, spoil, expected) => {
    spoil();
    runner.begin(task('a', { model_key: 'x' }));
    expect(models.warm).toEqual([{ key: 'x' }]);
    await runner.drain();
    expect(sequencer.reports).toMatchObject([{ success: false }]);
    expect(models.warm).toEqual(expected);
  });

  test('a workflow that the ComfyUI cannot run any more', async () => {
    runner.begin(task('a', { workflow_id: 'gone' }));
    await runner.drain();
    expect(sequencer.reports).toMatchObject([
      { success: false, error: { code: 'comfyui_failed', is_retryable: true } },
    ]);
    expect(logger.lines[0]).toContain('can no longer run the workflow');
  });

  test('that cannot be reported is logged', async () => {
    sequencer.before = (call) => {
      if (call === 'submit') throw new HeuristError('no', { code: 'invalid_request' });
    };
    runner.begin(task('a', { workflow_id: 'gone' }));
    await runner.drain();
    expect(logger.lines.at(-1)).toBe('warn the failure could not be reported {"task_id":"a","message":"no"}');
  });

  test('of the delivery fails the task, although its graph has finished', async () => {
    proxy.faults.answer = async ({ path, pass }) =>
      path.startsWith('/view') ? { status: 404, body: '' } : await pass();
    runner.begin(task('a'));
    await runner.drain();
    expect([faults, sequencer.reports[0]?.success]).toEqual([['none', 'task'], false]);
  });
});

test('a network that never takes the result: the task fails by the fault of the network, its result is kept, and the next is run', async () => {
  const clock = new FakeClock();
  runner = await create({ clock });
  inFlight.forget = async (task_id, options) => {
    forgotten.push([task_id, options]);
    return true;
  };
  sequencer.before = (call) => {
    if (call === 'upload') throw new HeuristError('no space', { code: 'internal', status: 500, isRetryable: true });
  };
  runner.begin(task('a'));
  await expect.poll(() => logger.lines.filter((line) => line.includes('the delivery waits'))).toHaveLength(1);
  for (let minute = 0; minute < 17; minute++) await clock.advance(60_000);
  await runner.drain();
  expect(sequencer.reports).toMatchObject([{ success: false, error: { code: 'delivery_failed', is_retryable: true } }]);
  expect([faults, forgotten]).toEqual([['none', 'network'], [['a', { keepsFinished: true }]]]);
  sequencer.before = () => {};
  runner.begin(task('b'));
  await runner.drain();
  expect(sequencer.reports[1]).toMatchObject({ lease_id: 'lease of b', success: true });
});

describe('a lease that is lost', () => {
  const lose = async (makeError: () => Error) => {
    sequencer.before = (call) => {
      if (call === 'upload') throw makeError();
    };
    runner.begin(task('a'));
    await runner.drain();
  };

  test('to another miner: nothing is reported, and what was finished is kept', async () => {
    await lose(() => new HeuristError('gone', { code: 'lease_lost' }));
    expect([sequencer.reports, runner.tally.counts.lost]).toEqual([[], 1]);
    expect([faults, forgotten]).toEqual([['none'], [['a', { keepsFinished: true }]]]);
    expect(logger.lines.at(-1)).toBe('warn gone {"task_id":"a"}');
  });

  test('to a cancel: nothing is kept, and the graph is interrupted', async () => {
    sequencer.isCanceled = true;
    proxy.faults.answer = async ({ path, pass }) =>
      path.startsWith('/history') ? { status: 200, body: '{}' } : await pass();
    runner.begin(task('a', { heartbeat_seconds: 0.05 }));
    await runner.drain();
    expect([sequencer.reports, forgotten]).toEqual([[], [['a', { keepsFinished: false }]]]);
    expect(proxy.calls.some(({ path, method }) => path === '/queue' && method === 'POST')).toBe(true);
  });
});

test('a prompt is noted before it runs and after it has ended; one that was noted before is resumed', async () => {
  const notes: unknown[] = [];
  inFlight.note = async (_, note) => void notes.push(note);
  runner.begin(task('a'));
  await runner.drain();
  const { prompt_id } = JSON.parse(proxy.calls.find(({ path }) => path === '/prompt')?.body ?? '{}');
  expect(notes).toMatchObject([
    { remains: { prompt_id, startedAt: expect.any(Number) }, run: { parameters: { color: 7 } } },
    { remains: { prompt_id }, run: { outputs: [{ kind: 'image' }] }, seconds: expect.any(Number) },
  ]);
  inFlight.resume = async () => ({ ...(notes[1] as Finished), seconds: 99 });
  runner.begin(task('b'));
  await runner.drain();
  expect(proxy.calls.filter(({ path }) => path === '/prompt').length).toBe(1);
  expect(sequencer.reports[1]).toMatchObject({ success: true, inference_latency: 99 });
});

test('a lost lease interrupts the graph, and so does giving back; an unrelated error after it is not hidden', async () => {
  proxy.faults.answer = async ({ path, pass }) => (path === '/prompt' ? { status: 500, body: '' } : await pass());
  runner.giveBack();
  inFlight.resume = async () => {
    throw new ComfyError('away', { code: 'comfyui_unreachable' });
  };
  runner.begin(task('a'));
  await runner.drain();
  expect(sequencer.reports).toMatchObject([{ success: false, error: { code: 'comfyui_failed' } }]);
});

test('progress goes up with heartbeats', async () => {
  const slow = await startSlowComfyui({ durations: [900] });
  const other = await startFaultProxy(slow.url);
  await proxy.stop();
  proxy = other;
  runner = await create();
  runner.begin(task('a'));
  await runner.drain();
  expect(sequencer.beats.map(({ progress }) => progress?.percent)).toContainEqual(expect.any(Number));
  expect(sequencer.beats.map(({ progress }) => progress?.node)).toContain('EmptyImage');
  await slow.stop();
});

test('what is given back says so, and blames nobody', async () => {
  proxy.faults.answer = async ({ path, pass }) =>
    path.startsWith('/history') ? { status: 200, body: '{}' } : await pass();
  runner.begin(task('a'));
  await expect.poll(() => proxy.calls.some(({ path }) => path === '/prompt')).toBe(true);
  runner.giveBack();
  await runner.drain();
  expect(sequencer.reports).toMatchObject([
    {
      success: false,
      error: { code: 'miner_stopped', message: expect.stringContaining('stopped'), is_retryable: true },
    },
  ]);
  expect([faults, runner.tally.counts.failed]).toEqual([[], { miner_stopped: 1 }]);
});

test('results that cannot go up do not pile up: the next graph waits with its result', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  sequencer.before = async (call) => {
    if (call === 'upload') await gate;
  };
  for (const id of ['a', 'b', 'c', 'd']) runner.begin(task(id));
  await expect.poll(() => logger.lines.filter((line) => line.includes('graph finished')).length).toBe(4);
  expect([runner.delivering, runner.running]).toEqual([MAX_DELIVERIES, 2]);
  open();
  await runner.drain();
  await expect.poll(() => sequencer.reports.length).toBe(4);
});

describe('when another task is due', () => {
  const never = new AbortController().signal;
  const isDue = async (given: TaskRunner, clock: FakeClock) => {
    let due = false;
    void given.untilDue(never).then(() => {
      due = true;
    });
    await clock.advance(LOOK_MS);
    return due;
  };
  /** A graph that takes 20 seconds, and runs until it is told to end. */
  const hold = () => {
    let isHeld = true;
    proxy.faults.answer = async ({ path, pass }) =>
      isHeld && path.startsWith('/history') ? { status: 200, body: '{}' } : await pass();
    return () => {
      isHeld = false;
    };
  };
  const queued = (count: number) =>
    expect.poll(() => proxy.calls.filter(({ path }) => path === '/prompt').length).toBe(count);

  test('at once while nothing runs, and not while nobody knows when the graph ends', async () => {
    const clock = new FakeClock(0);
    const other = await create({ clock });
    expect(await isDue(other, clock)).toBe(true);
    hold();
    other.begin(task('a'));
    expect(await isDue(other, clock)).toBe(false);
    other.giveBack();
    await other.drain();
  });

  test.each([
    [1, 14_900, false],
    [1, 15_100, true],
    [0, 15_100, false],
  ])('prefetch %i, %i ms into a graph of 20 seconds: %s', async (prefetch, elapsed, expected) => {
    const clock = new FakeClock(0);
    const other = await create({ prefetch, clock });
    // without progress, only what the last one took says how long this one takes
    proxy.faults.socket = 'refused';
    const release = hold();
    other.begin(task('first'));
    await queued(1);
    await clock.advance(20_000);
    release();
    await expect.poll(() => sequencer.reports.length).toBe(1);
    hold();
    other.begin(task('second'));
    await queued(2);
    await clock.advance(elapsed);
    expect(await isDue(other, clock)).toBe(expected);
    other.giveBack();
    await other.drain();
  });

  test('as soon as its own pace says that the first graph of its kind is about to end', async () => {
    const clock = new FakeClock(0);
    const other = await create({ clock });
    hold();
    other.begin(task('a'));
    await queued(1);
    await expect.poll(() => isDue(other, clock)).toBe(true);
    other.giveBack();
    await other.drain();
  });

  test('an end of a task is noticed at once, without a look at the clock', async () => {
    const clock = new FakeClock(0);
    const other = await create({ prefetch: 0, clock });
    const release = hold();
    other.begin(task('a'));
    const due = other.untilDue(never);
    await queued(1);
    release();
    await due;
    expect(clock.now()).toBe(0);
    await other.drain();
  });

  test('the wait ends with its signal', async () => {
    const clock = new FakeClock(0);
    const other = await create({ prefetch: 0, clock });
    hold();
    other.begin(task('a'));
    const stopping = new AbortController();
    const due = other.untilDue(stopping.signal);
    stopping.abort();
    await clock.advance(LOOK_MS);
    await due;
    other.giveBack();
    await other.drain();
  });
});
