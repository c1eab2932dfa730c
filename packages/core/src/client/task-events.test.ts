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
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    response: new Response(body),
    write: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    close: () => controller.close(),
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
  const events = followEvents(() => (script[opened++] ?? broken)(), stop.signal, clock);
  return { events, opened: () => opened };
}

describe('when the stream breaks', () => {
  test('the pauses double from half a second to half a minute', async () => {
    const { opened } = follow();
    await clock.advance(200_000);
    expect(clock.sleeps.slice(0, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(opened()).toBe(clock.sleeps.length);
  });

  test('they begin anew after a stream that worked', async () => {
    follow(broken, broken, broken, works, broken, broken);
    await clock.advance(8000);
    expect(clock.sleeps).toEqual([500, 1000, 2000, 500, 1000, 2000, 4000]);
  });

  test('a stream that says nothing has not worked', async () => {
    const silent = async () => new Response(': hello\n\n');
    const rubbish = async () => new Response('data: {"no": "task"}\n\n');
    const empty = async () => new Response(null);
    follow(silent, rubbish, empty);
    await clock.advance(5000);
    expect(clock.sleeps).toEqual([500, 1000, 2000, 4000]);
  });

  test('a stream of something else than JSON is opened again', async () => {
    const { opened } = follow(async () => new Response('data: no\n\n'));
    await clock.advance(500);
    expect(opened()).toBe(2);
  });

  test('a refusal is not repeated', async () => {
    const { opened } = follow(() => Promise.reject(new HeuristError('no such call', { code: 'not_found' })));
    await clock.advance(100_000);
    expect([opened(), clock.sleeps]).toEqual([1, []]);
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
