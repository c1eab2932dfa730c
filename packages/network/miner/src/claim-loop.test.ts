import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../test/recording-logger.ts';
import { StubSequencer } from '../test/stub-sequencer.ts';
import { ClaimLoop } from './claim-loop.ts';

const away = () => new HeuristError('away', { code: 'connection_failed', isRetryable: true });

let clock: FakeClock;
let sequencer: StubSequencer;
let logger: ReturnType<typeof createRecordingLogger>;
let stopping: AbortController;
let taken: (string | undefined)[];
let doubt: AbortController;
let recover: () => void;
let waits: number;
let due: Promise<void>;
let offers: {
  url: string;
  workflowIds: string[];
  missing: Record<string, string[]>;
  refreshes: number;
  looks: number;
  refresh(): Promise<void>;
  refreshIfStale(): Promise<void>;
};
let loop: ClaimLoop;
let outcome: unknown;
beforeEach(() => {
  clock = new FakeClock(0);
  sequencer = new StubSequencer();
  logger = createRecordingLogger();
  stopping = new AbortController();
  taken = [];
  doubt = new AbortController();
  waits = 0;
  due = Promise.resolve();
  offers = {
    url: 'http://comfyui/',
    workflowIds: ['paint'],
    missing: { big: ['a model'] },
    refreshes: 0,
    looks: 0,
    async refresh() {
      this.refreshes++;
    },
    async refreshIfStale() {
      this.looks++;
    },
  };
  const guard = {
    get doubt() {
      return doubt.signal;
    },
    async untilWorks() {
      waits++;
      await new Promise<void>((resolve) => {
        recover = resolve;
      });
      doubt = new AbortController();
    },
  };
  loop = new ClaimLoop({
    sequencer,
    offers,
    guard,
    models: { warm: [{ key: 'a.safetensors', load_ms: 900 }] },
    logger,
    clock,
    untilDue: () => due,
    take: async (task) => void taken.push(task?.task_id),
  });
  outcome = 'runs';
});
afterEach(() => stopping.abort());

async function start(): Promise<void> {
  loop.run(stopping.signal).then(
    () => {
      outcome = 'ended';
    },
    (error) => {
      outcome = error;
    },
  );
  await clock.advance(0);
}

test('claims one task after another; each answered claim is followed by a new one', async () => {
  expect(loop.waitsFor).toBe('starting');
  sequencer.add({ task_id: 'a' });
  sequencer.add({ task_id: 'b' });
  await start();
  expect([taken, loop.waitsFor]).toEqual([['a', 'b'], undefined]);
  expect(new Set(sequencer.claims.map(({ claim_id }) => claim_id)).size).toBe(3);
  expect(sequencer.claims[0]?.warm).toEqual([{ key: 'a.safetensors', load_ms: 900 }]);
  sequencer.add({ task_id: 'c' });
  await clock.advance(0);
  expect(taken).toEqual(['a', 'b', 'c']);
});

test('says what is missing only once, and again after it has changed', async () => {
  sequencer.add({ task_id: 'a' });
  await start();
  offers.missing = { big: ['another model'] };
  sequencer.add({ task_id: 'b' });
  await clock.advance(0);
  expect(sequencer.claims.map(({ workflow_ids, lacks }) => [workflow_ids, lacks])).toEqual([
    [['paint'], { big: ['a model'] }],
    [['paint'], undefined],
    [['paint'], { big: ['another model'] }],
  ]);
});

test('waits until another task is due, and looks whether the offer is stale', async () => {
  let begin = () => {};
  due = new Promise((resolve) => {
    begin = resolve;
  });
  await start();
  expect([sequencer.claims.length, offers.looks]).toEqual([0, 0]);
  begin();
  await clock.advance(0);
  expect([sequencer.claims.length, offers.looks]).toEqual([1, 1]);
});

test('a long poll without a task is followed by the next', async () => {
  sequencer.claim = async (claim_id) => {
    sequencer.claims.push({ claim_id, workflow_ids: [], lacks: undefined });
    if (sequencer.claims.length > 3) await new Promise(() => {});
    return undefined;
  };
  await start();
  expect([taken, sequencer.claims.length]).toEqual([[undefined, undefined, undefined], 4]);
  expect(new Set(sequencer.claims.map(({ claim_id }) => claim_id)).size).toBe(4);
});

describe('a sequencer that does not answer', () => {
  test('is asked again under the same claim, with delays that double up to 30 seconds', async () => {
    sequencer.before = () => {
      throw away();
    };
    await start();
    await clock.advance(120_000);
    expect(clock.sleeps.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(loop.waitsFor).toBe('waiting_for_sequencer');
    expect(new Set(sequencer.claims.map(({ claim_id }) => claim_id)).size).toBe(1);
    expect(logger.lines[0]).toBe('warn no contact with the sequencer {"message":"away"}');
  });

  test('is told again what is missing, and the delays begin anew once it has answered', async () => {
    let isAway = true;
    sequencer.before = () => {
      if (isAway) throw away();
    };
    await start();
    await clock.advance(3000);
    isAway = false;
    sequencer.add({ task_id: 'a' });
    await clock.advance(10_000);
    expect([taken, loop.waitsFor]).toEqual([['a'], undefined]);
    isAway = true;
    sequencer.add({ task_id: 'b' });
    await clock.advance(0);
    sequencer.tasks.length = 0;
    const sleeps = clock.sleeps.length;
    await clock.advance(100);
    expect(clock.sleeps.slice(sleeps - 1)).toEqual([1000]);
    expect(sequencer.claims.filter(({ lacks }) => lacks).length).toBeGreaterThan(1);
  });

  test('other errors are no reason to end either', async () => {
    sequencer.before = () => {
      throw new TypeError('bug');
    };
    await start();
    expect([outcome, loop.waitsFor]).toEqual(['runs', 'waiting_for_sequencer']);
  });
});

test.each([
  ['a code that the protocol does not have', new HeuristError('x', { code: 'blocked' })],
  ['no code of its own', new HeuristError('<html>', { code: 'forbidden', status: 403, isRetryable: true })],
])('a refusal with %s is one of something in between', async (_, error) => {
  sequencer.before = () => {
    throw error;
  };
  await start();
  expect([outcome, loop.waitsFor]).toEqual(['runs', 'waiting_for_sequencer']);
});

test('a sequencer that refuses the miner ends the loop', async () => {
  sequencer.before = () => {
    throw new HeuristError('bad key', { code: 'unauthorized' });
  };
  await start();
  expect(outcome).toMatchObject({ code: 'unauthorized' });
  expect(clock.sleeps).toEqual([]);
});

describe('a ComfyUI in doubt', () => {
  test('ends the long poll, and nothing is claimed until it works: then under the same claim', async () => {
    await start();
    doubt.abort();
    await clock.advance(0);
    expect([waits, loop.waitsFor, sequencer.claims.length, taken]).toEqual([1, 'waiting_for_comfyui', 1, []]);
    recover();
    await clock.advance(0);
    expect([loop.waitsFor, sequencer.claims.length]).toEqual([undefined, 2]);
    expect(sequencer.claims[0]?.claim_id).toBe(sequencer.claims[1]?.claim_id);
    expect(sequencer.claims[1]?.lacks).toEqual({ big: ['a model'] });
    expect(logger.lines).toEqual([]);
  });

  test('a task that was handed out at that moment is taken all the same', async () => {
    sequencer.before = () => doubt.abort();
    sequencer.claim = async () => {
      sequencer.before('claim');
      return { task_id: 'a', lease_id: 'l', workflow_id: 'w', task_details: {}, heartbeat_seconds: 5 };
    };
    await start();
    expect(taken).toEqual(['a']);
  });
});

test('with nothing to offer, asks the ComfyUI again every 30 seconds', async () => {
  offers.workflowIds = [];
  await start();
  expect([loop.waitsFor, sequencer.claims.length]).toEqual(['waiting_for_comfyui', 0]);
  expect(logger.lines).toEqual(['warn this ComfyUI can no longer run any workflow {"comfyui":"http://comfyui/"}']);
  await clock.advance(60_000);
  expect(offers.refreshes).toBe(2);
  offers.workflowIds = ['paint'];
  await clock.advance(30_000);
  expect([offers.refreshes, sequencer.claims.length, loop.waitsFor]).toEqual([3, 1, undefined]);
});

describe('the signal ends it', () => {
  test('in a long poll', async () => {
    await start();
    stopping.abort();
    await clock.advance(0);
    expect([outcome, logger.lines]).toEqual(['ended', []]);
  });

  test('before the first claim', async () => {
    stopping.abort();
    await start();
    expect([outcome, sequencer.claims.length]).toEqual(['ended', 0]);
  });

  test('while it waits for something to be due', async () => {
    due = new Promise((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
    await start();
    stopping.abort();
    await clock.advance(0);
    expect([outcome, sequencer.claims.length]).toEqual(['ended', 0]);
  });

  test('with nothing to offer', async () => {
    offers.workflowIds = [];
    await start();
    stopping.abort();
    await clock.advance(0);
    expect([outcome, sequencer.claims.length]).toEqual(['ended', 0]);
  });

  test('while the sequencer is away', async () => {
    sequencer.before = () => {
      throw away();
    };
    await start();
    stopping.abort();
    await clock.advance(0);
    expect(outcome).toBe('ended');
  });
});
