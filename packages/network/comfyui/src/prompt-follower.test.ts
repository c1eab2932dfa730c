import { FakeClock } from '@heurist/server-kit/fake-clock';
import { beforeEach, describe, expect, test } from 'vitest';
import { INTERRUPT_MS, LOST_AFTER_MS, PromptFollower, SOON_MS } from './prompt-follower.ts';
import { PromptSigns } from './prompt-signs.ts';
import type { HistoryEntry } from './schemas.ts';

const POLL = 2000;
const STALL = 60_000;
const done: HistoryEntry = { outputs: {}, status: { status_str: 'success', completed: true, messages: [] } };
const end = { type: 'executing', data: { prompt_id: 'mine', node: null } };

let clock: FakeClock;
let running: string[];
let pending: string[];
let entry: HistoryEntry | undefined;
let looks: number[];
let canceled: string[];
let signs: PromptSigns;
let stopping: AbortController;
beforeEach(() => {
  clock = new FakeClock(0);
  running = ['mine'];
  pending = [];
  entry = undefined;
  looks = [];
  canceled = [];
  signs = new PromptSigns('mine', {}, {}, clock);
  stopping = new AbortController();
});

const server = {
  url: 'http://comfyui/',
  async history() {
    looks.push(clock.now());
    return entry;
  },
  queue: async () => ({ running, pending }),
  async cancel(prompt_id: string) {
    canceled.push(prompt_id);
  },
};

/** Follows the prompt in the background: what came of it so far. */
function follow(stallTimeout = STALL): { outcome: unknown } {
  const state: { outcome: unknown } = { outcome: 'goes on' };
  const follower = new PromptFollower({ server, pollInterval: POLL, stallTimeout, clock });
  follower.follow('mine', signs, stopping.signal).then(
    (result) => {
      state.outcome = result;
    },
    (error) => {
      state.outcome = error;
    },
  );
  return state;
}

describe('the history is looked at', () => {
  test('regularly, until it has the prompt', async () => {
    const state = follow();
    await clock.advance(7000);
    expect([looks, state.outcome]).toEqual([[2000, 4000, 6000], 'goes on']);
    entry = done;
    await clock.advance(1000);
    expect([looks.at(-1), state.outcome]).toEqual([8000, done]);
  });

  test('at once when the end is announced, and soon again until the entry is there', async () => {
    const state = follow();
    await clock.advance(500);
    signs.receiveMessage(end);
    await clock.advance(2 * SOON_MS);
    expect(looks).toEqual([500, 600, 700]);
    entry = done;
    await clock.advance(SOON_MS);
    expect(state.outcome).toBe(done);
  });

  test('soon again when the prompt has left the queue', async () => {
    running = [];
    follow();
    await clock.advance(POLL + POLL + SOON_MS);
    expect(looks).toEqual([POLL, POLL + SOON_MS + POLL]);
  });
});

describe('a prompt that is nowhere', () => {
  test('is lost after five seconds', async () => {
    running = ['another'];
    const state = follow();
    await clock.advance(POLL + LOST_AFTER_MS);
    expect(state.outcome).toBe('goes on');
    await clock.advance(POLL + SOON_MS);
    expect(state.outcome).toMatchObject({
      code: 'comfyui_prompt_lost',
      isRetryable: true,
      prompt_id: 'mine',
      message: expect.stringContaining('neither the queue nor the history'),
    });
  });

  test.each([
    ['running', () => running.push('mine')],
    ['pending', () => pending.push('mine')],
  ])('but not if it is %s again meanwhile', async (_, comeBack) => {
    running = [];
    const state = follow();
    await clock.advance(5500);
    comeBack();
    await clock.advance(2500);
    running = ['another'];
    pending = [];
    await clock.advance(4500);
    expect(state.outcome).toBe('goes on');
  });
});

describe('a queue that stands still', () => {
  test('is given up after the stall timeout: the prompt is interrupted', async () => {
    const state = follow();
    await clock.advance(STALL + POLL);
    // the first look sees a new head of the queue, which is a sign
    expect(canceled).toEqual([]);
    await clock.advance(POLL);
    expect([canceled, state.outcome]).toEqual([['mine'], 'goes on']);
    await clock.advance(INTERRUPT_MS);
    expect(state.outcome).toMatchObject({
      code: 'comfyui_stuck',
      isRetryable: true,
      prompt_id: 'mine',
      message: expect.stringMatching(/http:\/\/comfyui\/ is stuck.*Restart/),
    });
  });

  test('if the interrupt helps, only the node was hanging', async () => {
    const state = follow();
    await clock.advance(STALL + 2 * POLL);
    running = [];
    await clock.advance(INTERRUPT_MS);
    expect(state.outcome).toMatchObject({
      code: 'comfyui_stuck',
      message: `The prompt gave no sign of life for ${STALL} ms and was interrupted.`,
    });
  });

  test('the interrupt gets no longer than the stall timeout itself', async () => {
    const state = follow(100);
    await clock.advance(2 * POLL + 100);
    expect(state.outcome).toMatchObject({ code: 'comfyui_stuck' });
  });

  test.each([
    ['a message', () => signs.receiveMessage({ type: 'progress', data: { prompt_id: 'mine', value: 1, max: 2 } })],
    ['a preview', () => signs.receivePreview({ contentType: 'image/png', bytes: new Uint8Array() })],
    ['a new head of the queue', () => running.unshift('other')],
  ])('%s counts from there', async (_, give) => {
    follow();
    await clock.advance(STALL - POLL);
    give();
    await clock.advance(STALL);
    expect(canceled).toEqual([]);
    await clock.advance(3 * POLL);
    expect(canceled).toEqual(['mine']);
  });

  test.each([
    ['a message about another prompt', () => signs.receiveMessage({ type: 'x', data: { prompt_id: 'other' } })],
    [
      'a preview of another prompt',
      () => signs.receivePreview({ contentType: 'image/png', bytes: new Uint8Array(), prompt_id: 'other' }),
    ],
  ])('%s does not count', async (_, give) => {
    follow();
    await clock.advance(STALL - POLL);
    give();
    await clock.advance(3 * POLL);
    expect(canceled).toEqual(['mine']);
  });
});

test('the signal ends it, while it waits and between two quick looks', async () => {
  const state = follow();
  stopping.abort(new Error('stop'));
  await clock.advance(0);
  expect([state.outcome, looks]).toEqual([new Error('stop'), []]);
  stopping = new AbortController();
  const other = follow();
  signs.receiveMessage(end);
  await clock.advance(50);
  stopping.abort(new Error('stop'));
  await clock.advance(0);
  expect(other.outcome).toEqual(new Error('stop'));
});

test('listeners hear of progress and previews of their own prompt', () => {
  const heard: unknown[] = [];
  const graph = { a: { class_type: 'X', inputs: {} }, b: { class_type: 'Y', inputs: {} } };
  const mine = new PromptSigns(
    'mine',
    graph,
    { onProgress: (progress) => heard.push(progress), onPreview: ({ bytes }) => heard.push(bytes.length) },
    clock,
  );
  expect(mine.hasEnded).toBe(false);
  mine.receiveMessage({ type: 'executing', data: { prompt_id: 'mine', node: 'a' } });
  mine.receiveMessage({ type: 'executing', data: { prompt_id: 'other', node: null } });
  mine.receiveMessage({ type: 'unknown', data: { prompt_id: 'mine' } });
  mine.receivePreview({ contentType: 'image/png', bytes: new Uint8Array(3), prompt_id: 'mine' });
  mine.receivePreview({ contentType: 'image/png', bytes: new Uint8Array(4), prompt_id: 'other' });
  mine.receiveMessage({ type: 'status', data: { prompt_id: 'mine', node: null } });
  expect([heard, mine.hasEnded]).toEqual([[{ percent: 0, node_id: 'a', node_type: 'X' }, 3], false]);
  mine.receiveMessage(end);
  expect(mine.hasEnded).toBe(true);
});
