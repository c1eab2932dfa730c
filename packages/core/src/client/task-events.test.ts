import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeuristError } from '../wire/errors.ts';
import { followEvents } from './task-events.ts';

const event = (status: string) => `data: ${JSON.stringify({ task_id: 't1', status })}\n\n`;
const broken = () => Promise.reject(new HeuristError('reset', { code: 'connection_failed', isRetryable: true }));
const works = async () => new Response(event('running'));

/** A stream that stays open, as the test writes it. */
function openStream() {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isCut = false;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      isCut = true;
    },
  });
  return {
    response: new Response(body),
    write: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    close: () => controller.close(),
    isCut: () => isCut,
  };
}

let stop: AbortController;
let clock: FakeClock;
beforeEach(() => {
  stop = new AbortController();
  clock = new FakeClock();
});
afterEach(() => stop.abort());

/** Follows streams that open as the script says, and keeps failing after it. */
function follow(...script: (() => Promise<Response>)[]) {
  let opened = 0;
  const events = followEvents(
    () => (script[opened++] ?? broken)(),
    stop.signal,
    clock,
    () => 1,
  );
  // the watchdog of each stream sleeps, too
  const pauses = () => clock.sleeps.filter((ms) => ms !== 5000);
  return { events, opened: () => opened, pauses };
}

describe('when the stream breaks', () => {
  test('the pauses double from half a second to half a minute', async () => {
    const { opened, pauses } = follow();
    await clock.advance(200_000);
    expect(pauses().slice(0, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(opened()).toBe(pauses().length);
  });

  test('each is shortened at random by up to half', async () => {
    followEvents(broken, stop.signal, clock, () => 0);
    await clock.advance(1000);
    expect(clock.sleeps.filter((ms) => ms !== 5000)).toEqual([250, 500, 1000]);
  });

  test('they go on growing while each stream is cut after an event', async () => {
    const { pauses, opened } = follow(...Array(20).fill(works));
    await clock.advance(60_000);
    expect(pauses()).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
    expect(opened()).toBe(7);
  });

  test('they begin anew after a stream that worked for half a minute', async () => {
    const stream = openStream();
    const { opened } = follow(broken, broken, async () => stream.response, broken, broken);
    await clock.advance(1500);
    for (let second = 0; second <= 30; second += 3) {
      stream.write(second ? ': keep-alive\n\n' : event('running'));
      await clock.advance(3000);
    }
    stream.close();
    for (const [ms, times] of [
      [499, 3],
      [1, 4],
      [999, 4],
      [1, 5],
    ] as const) {
      await clock.advance(ms);
      expect(opened()).toBe(times);
    }
  });

  test('a stream that says nothing has not worked', async () => {
    const silent = async () => new Response(': hello\n\n');
    const rubbish = async () => new Response('data: {"no": "task"}\n\n');
    const empty = async () => new Response(null);
    const { pauses } = follow(silent, rubbish, empty);
    await clock.advance(5000);
    expect(pauses()).toEqual([500, 1000, 2000, 4000]);
  });

  test('a stream of something else than JSON is opened again', async () => {
    const { opened } = follow(async () => new Response('data: no\n\n'));
    await clock.advance(500);
    expect(opened()).toBe(2);
  });

  test('a refusal is not repeated', async () => {
    const { opened, pauses } = follow(() => Promise.reject(new HeuristError('no such call', { code: 'not_found' })));
    await clock.advance(100_000);
    expect([opened(), pauses()]).toEqual([1, []]);
  });

  test('nothing is opened after the signal has fired', async () => {
    const { opened } = follow();
    await clock.advance(0);
    stop.abort();
    await clock.advance(100_000);
    expect(opened()).toBe(1);
  });
});

describe('next', () => {
  test('is the next event, in order', async () => {
    const { events } = follow(async () => new Response(event('waiting') + event('running')));
    await clock.advance(0);
    expect(await events.next(1000)).toMatchObject({ status: 'waiting' });
    expect(await events.next(1000)).toMatchObject({ status: 'running' });
  });

  test('waits for an event, and ends as soon as it is there', async () => {
    const stream = openStream();
    const { events } = follow(async () => stream.response);
    const next = events.next(60_000);
    await clock.advance(0);
    stream.write(event('running'));
    expect(await next).toMatchObject({ status: 'running' });
  });

  test('is undefined after the time given', async () => {
    const { events } = follow(async () => openStream().response);
    let isOver = false;
    const next = events.next(1000).finally(() => {
      isOver = true;
    });
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await next).toBeUndefined();
  });

  test('is undefined at once when the signal fires, and after it', async () => {
    const { events } = follow(async () => openStream().response);
    const next = events.next(1000);
    await clock.advance(0);
    stop.abort();
    expect(await next).toBeUndefined();
    expect(await events.next(1000)).toBeUndefined();
  });
});

test('is live from the first event until the stream ends', async () => {
  const stream = openStream();
  const { events } = follow(async () => stream.response);
  await clock.advance(0);
  expect(events.isLive).toBe(false);
  stream.write(event('running'));
  await clock.advance(0);
  expect(events.isLive).toBe(true);
  stream.close();
  await clock.advance(0);
  expect(events.isLive).toBe(false);
});

describe('a stream that falls silent', () => {
  test.each(['at once', 'after an event'])('%s is cut after five seconds, and opened again', async (when) => {
    const stream = openStream();
    const { events, opened } = follow(async () => stream.response);
    await clock.advance(0);
    if (when !== 'at once') stream.write(event('running'));
    await clock.advance(4999);
    expect([opened(), events.isLive]).toEqual([1, when !== 'at once']);
    await clock.advance(1);
    expect([events.isLive, stream.isCut()]).toEqual([false, true]);
    await clock.advance(500);
    expect(opened()).toBe(2);
  });

  test('while it opens is given up, too', async () => {
    const signals: AbortSignal[] = [];
    followEvents(
      (signal) => {
        signals.push(signal);
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      },
      stop.signal,
      clock,
    );
    await clock.advance(5500);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  test('is alive while comments arrive', async () => {
    const stream = openStream();
    const { events, opened } = follow(async () => stream.response);
    await clock.advance(0);
    stream.write(event('running'));
    for (let times = 0; times < 10; times++) {
      await clock.advance(4000);
      stream.write(': keep-alive\n\n');
    }
    expect([opened(), events.isLive]).toEqual([1, true]);
  });
});
