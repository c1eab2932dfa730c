import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { StubSequencer } from '../../test/stub-sequencer.ts';
import type { TaskRun } from '../task/run-task.ts';
import { COLLECT_MS, DELIVER_MS, deliver, LOG_EVERY_MS, submit } from './deliver.ts';

const away = () => new HeuristError('away', { code: 'connection_failed', isRetryable: true });
const run: TaskRun = {
  outputs: [
    { node_id: 'a', kind: 'text', text: 'hello' },
    { node_id: 'b', kind: 'image', filename: 'b.png', subfolder: '', type: 'output' },
  ],
  parameters: { seed: 7 },
  models: { 'x.pth': 'y.pth' },
  versions: { comfyui: '1' },
};

/** Not 0, where sums and differences are the same. */
const START = 10_000_000;

let clock: FakeClock;
let sequencer: StubSequencer;
let lease: AbortController;
/** Fails until this time. */
let comfyuiIsBackAt: number;
let views: number[];
let isAway: boolean;
let logger: ReturnType<typeof createRecordingLogger>;
beforeEach(() => {
  isAway = false;
  logger = createRecordingLogger();
  clock = new FakeClock(START);
  sequencer = new StubSequencer();
  lease = new AbortController();
  comfyuiIsBackAt = 0;
  views = [];
});

const comfyui = {
  async view() {
    views.push(clock.now());
    if (clock.now() < comfyuiIsBackAt) throw away();
    return new Blob(['picture']);
  },
};

/** Delivers, and lets time pass until that has ended or the limit is reached. */
async function send(limitMs: number): Promise<unknown> {
  let outcome: unknown = 'goes on';
  const persistence = { signal: lease.signal, isAway: () => isAway, clock, logger };
  const context = { comfyui, sequencer, keepMetadata: false, ...persistence };
  deliver('the lease', run, 3, context).then(
    () => {
      outcome = 'delivered';
    },
    (error) => {
      outcome = error;
    },
  );
  await clock.advance(limitMs);
  return outcome;
}

test('every output goes up in order, and the report names them all', async () => {
  expect(await send(0)).toBe('delivered');
  expect(sequencer.uploads.map(({ lease_id, filename, kind }) => [lease_id, filename, kind])).toEqual([
    ['the lease', 'a.txt', 'text'],
    ['the lease', 'b.png', 'image'],
  ]);
  expect(sequencer.reports).toEqual([
    {
      lease_id: 'the lease',
      success: true,
      artifact_ids: ['artifact 1', 'artifact 2'],
      parameters: { seed: 7 },
      models: { 'x.pth': 'y.pth' },
      versions: { comfyui: '1' },
      inference_latency: 3,
      upload_latency: 0,
    },
  ]);
});

test('the report says that there were more', async () => {
  run.truncated = true;
  await send(0);
  delete run.truncated;
  expect(sequencer.reports).toEqual([
    expect.objectContaining({ artifact_ids: ['artifact 1', 'artifact 2'], truncated: true }),
  ]);
});

describe('collecting outputs from a ComfyUI that is away', () => {
  test('is retried while it may be restarting, with delays that double up to ten seconds', async () => {
    comfyuiIsBackAt = START + COLLECT_MS - 1;
    expect(await send(COLLECT_MS + 30_000)).toBe('delivered');
    expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000, ...Array(11).fill(10_000)]);
    expect(sequencer.reports).toMatchObject([{ success: true, upload_latency: 125 }]);
  });

  test('is given up after two minutes', async () => {
    comfyuiIsBackAt = Number.POSITIVE_INFINITY;
    expect(await send(3_600_000)).toMatchObject({ code: 'connection_failed' });
    expect(views.at(-1)).toBe(START + 125_000);
    expect(sequencer.reports).toEqual([]);
  });
});

describe('a sequencer that is away', () => {
  test.each(['upload', 'submit'] as const)('%s is retried for as long as the lease holds', async (failing) => {
    isAway = true;
    sequencer.before = (call) => {
      if (call === failing && clock.now() < START + 7_200_000) throw away();
    };
    expect(await send(7_100_000)).toBe('goes on');
    await clock.advance(200_000);
    expect(sequencer.reports).toMatchObject([{ success: true }]);
  });

  test('the end of the lease ends a wait at once, with its reason', async () => {
    sequencer.before = () => {
      throw away();
    };
    const outcome = send(10_000);
    await clock.advance(5000);
    lease.abort(new Error('the lease is lost'));
    expect(await outcome).toMatchObject({ message: 'the lease is lost' });
  });

  test('a call that fails as the lease ends fails with the reason of the lease', async () => {
    sequencer.before = () => {
      lease.abort(new Error('the lease is lost'));
      throw away();
    };
    expect(await send(0)).toMatchObject({ message: 'the lease is lost' });
    expect(clock.sleeps).toEqual([]);
  });
});

describe('a network that answers, and does not take the result', () => {
  const refusals = {
    'the storage fails': () => new HeuristError('no space', { code: 'internal', status: 500, isRetryable: true }),
    'a page of a proxy': () => new HeuristError('<html>', { code: 'forbidden', status: 403, isRetryable: true }),
    'the storage cannot be reached': away,
  };

  test.each(Object.entries(refusals))('%s: it is offered for a quarter of an hour', async (_, refusal) => {
    let isWrong = true;
    sequencer.before = (call) => {
      if (isWrong && call === 'upload') throw refusal();
    };
    expect(await send(DELIVER_MS - 60_000)).toBe('goes on');
    isWrong = false;
    await clock.advance(30_000);
    expect(sequencer.reports).toMatchObject([{ success: true }]);
    isWrong = true;
    expect(await send(DELIVER_MS + 60_000)).toMatchObject({
      name: 'DeliveryError',
      code: 'delivery_failed',
      isRetryable: true,
      message: `The network did not take the result for 15 minutes: ${refusal().message}`,
    });
  });

  test('the time in which nobody answers does not count', async () => {
    isAway = true;
    sequencer.before = () => {
      throw away();
    };
    expect(await send(DELIVER_MS * 3)).toBe('goes on');
    isAway = false;
    await clock.advance(DELIVER_MS - 60_000);
    sequencer.before = () => {};
    await clock.advance(30_000);
    expect(sequencer.reports).toMatchObject([{ success: true }]);
  });

  test('the log says so at once, and once a minute', async () => {
    sequencer.before = () => {
      throw away();
    };
    await send(3 * LOG_EVERY_MS);
    const seconds = logger.lines.map((line) => Number(/"seconds":(\d+)/.exec(line)?.[1]));
    expect(logger.lines[0]).toMatch(/^warn the delivery waits \{"code":"connection_failed","message":"away"/);
    expect(seconds).toEqual([0, 65, 125]);
  });
});

test.each([
  ['an answer that no retry changes', () => new HeuristError('no', { code: 'invalid_request' })],
  ['a bug', () => new TypeError('x is undefined')],
])('%s fails at once', async (_, makeError) => {
  sequencer.before = () => {
    throw makeError();
  };
  expect(await send(0)).toMatchObject({ message: makeError().message });
});

test('a failure is reported until that is acknowledged', async () => {
  let failures = 2;
  sequencer.before = () => {
    if (failures-- > 0) throw away();
  };
  const error = { code: 'x', message: 'm', is_retryable: false };
  const report = { lease_id: 'l', success: false, error, msg: 'm' } as const;
  const submitting = submit(sequencer, report, { signal: lease.signal, isAway: () => false, clock, logger });
  await clock.advance(3000);
  await submitting;
  expect(sequencer.reports).toEqual([report]);
});
