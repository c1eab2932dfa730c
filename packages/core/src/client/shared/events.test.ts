import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeuristError } from '../../wire/errors.ts';
import type { WorkflowTaskResult } from '../../wire/task-result.ts';
import { createSharedEvents, type StreamedTask } from './events.ts';
import { Inbox } from './inbox.ts';

const event = (task_id: string, status = 'running', id = `${task_id}-${status}`) =>
  `event: task\nid: ${id}\ndata: ${JSON.stringify({ task_id, status })}\n\n`;
const OPEN = 'event: open\ndata: {"tasks":1}\n\n';
const refusal = (code: string, isRetryable = false) => new HeuristError(code, { code, isRetryable });

/** A stream as it was opened. */
interface Opened {
  tasks: readonly StreamedTask[];
  at: number;
  signal: AbortSignal;
  write(text: string): void;
  close(): void;
}

let clock: FakeClock;
let opened: Opened[];
let stops: AbortController[];
let isMissing: boolean;
/** What the next openings do: a failure, or what the stream says at first. */
let script: (Error | string | undefined)[];

beforeEach(() => {
  clock = new FakeClock(0);
  [opened, stops, isMissing, script] = [[], [], false, []];
});
afterEach(() => {
  for (const stop of stops) stop.abort();
});

function start() {
  const shared = createSharedEvents({
    clock,
    random: () => 1,
    onMissing() {
      isMissing = true;
    },
    async open(tasks, signal) {
      const step = script.length ? script.shift() : OPEN;
      let controller!: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given;
        },
      });
      const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
      opened.push({ tasks, at: clock.now(), signal, write, close: () => controller.close() });
      if (step instanceof Error) throw step;
      if (step) write(step);
      return new Response(body);
    },
  });
  return (task_id: string, withProgress = true) => {
    const stop = new AbortController();
    stops.push(stop);
    const inbox = new Inbox<WorkflowTaskResult>(stop.signal, clock);
    shared.follow({ task_id, inbox, signal: stop.signal, withProgress });
    const statuses: string[] = [];
    let woken = 0;
    void (async () => {
      while (!stop.signal.aborted) {
        const state = await inbox.next(1e9);
        if (state) statuses.push(state.status);
        else woken++;
      }
    })();
    return { statuses, woken: () => woken, isLive: () => shared.isLive(task_id), stop: () => stop.abort() };
  };
}

const idsOf = (index: number) => opened[index]?.tasks.map(({ task_id }) => task_id);
const at = () => opened.map((each) => each.at);

describe('tasks of the same moment', () => {
  test('share one stream, and each gets its own events', async () => {
    const follow = start();
    const [a, b, alsoB] = [follow('a'), follow('b'), follow('b')];
    await clock.advance(0);
    expect(opened.map((_, index) => idsOf(index))).toEqual([['a', 'b']]);
    opened[0]?.write(event('a') + event('b') + event('b', 'waiting', 'x') + event('c'));
    await clock.advance(0);
    expect([a.statuses, b.statuses, alsoB.statuses]).toEqual([
      ['running'],
      ['running', 'waiting'],
      ['running', 'waiting'],
    ]);
    expect([a.isLive(), b.isLive()]).toEqual([true, true]);
  });

  test('without progress are told of ends alone, until somebody wants more', async () => {
    const follow = start();
    const [a, b] = [follow('a', false), follow('b', false)];
    await clock.advance(0);
    opened[0]?.write(event('a'));
    await clock.advance(1000);
    expect([opened[0]?.tasks.map((task) => task.ends_only), a.statuses]).toEqual([[true, true], []]);
    const watcher = follow('a');
    expect([a.isLive(), watcher.isLive()]).toEqual([false, false]);
    await clock.advance(10);
    expect(opened[1]?.tasks.map((task) => task.ends_only)).toEqual([undefined, true]);
    opened[1]?.write(event('a', 'running', 'e2') + event('a', 'finished'));
    await clock.advance(0);
    expect([a.statuses, watcher.statuses, b.isLive()]).toEqual([['finished'], ['running', 'finished'], true]);
    follow('b', false);
    await clock.advance(2000);
    expect(opened).toHaveLength(2);
  });

  test('2000 at most; others follow as soon as some have ended', async () => {
    const follow = start();
    const tasks = Array.from({ length: 2001 }, (_, index) => follow(`t${index}`));
    await clock.advance(4000);
    expect([opened.length, idsOf(0)?.length, tasks.at(-1)?.isLive()]).toEqual([1, 2000, false]);
    opened[0]?.write(`${event('t0', 'finished')}: alive\n\n`);
    await clock.advance(1000);
    expect([opened.length, idsOf(1)?.at(-1), tasks.at(-1)?.isLive()]).toEqual([2, 't2000', true]);
  });
});

describe('a task that comes later', () => {
  test('takes the next stream, which is told what is known and takes over when it has begun', async () => {
    const follow = start();
    const a = follow('a');
    await clock.advance(0);
    opened[0]?.write(event('a', 'running', 'e1'));
    await clock.advance(1000);
    script = [undefined];
    const b = follow('b');
    await clock.advance(10);
    expect(opened[1]?.tasks).toEqual([
      { task_id: 'a', last_event_id: 'e1', ends_only: undefined },
      { task_id: 'b', last_event_id: undefined, ends_only: undefined },
    ]);
    expect([opened[0]?.signal.aborted, a.isLive(), b.isLive()]).toEqual([false, true, false]);
    opened[1]?.write(OPEN);
    await clock.advance(0);
    expect([opened[0]?.signal.aborted, a.isLive(), b.isLive()]).toEqual([true, true, true]);
  });

  test('by the hundred cost a stream each second at most', async () => {
    const follow = start();
    for (let count = 0; count < 1000; count++) {
      follow(`t${count}`);
      await clock.advance(4);
    }
    await clock.advance(2000);
    // 4 s of arrivals: the pauses grow with the tasks that are sent along
    expect(opened.length).toBeLessThan(20);
    expect(idsOf(opened.length - 1)).toHaveLength(1000);
  });

  test('after all others have ended is followed at once', async () => {
    const follow = start();
    follow('a');
    await clock.advance(0);
    opened[0]?.write(event('a', 'finished'));
    opened[0]?.close();
    await clock.advance(2000);
    follow('b');
    await clock.advance(0);
    expect(at()).toEqual([0, 2000]);
  });
});

describe('a stream without tasks', () => {
  test('is cut at once if the last wait is given up', async () => {
    const follow = start();
    const [a, b] = [follow('a'), follow('b')];
    await clock.advance(0);
    a.stop();
    await clock.advance(0);
    expect(opened[0]?.signal.aborted).toBe(false);
    b.stop();
    expect(opened[0]?.signal.aborted).toBe(true);
  });

  test('is left to the sequencer for half a second when its tasks have ended', async () => {
    const follow = start();
    follow('a');
    await clock.advance(0);
    opened[0]?.write(event('a', 'finished'));
    await clock.advance(499);
    expect(opened[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(opened[0]?.signal.aborted).toBe(true);
    expect(opened).toHaveLength(1);
  });
});

describe('a stream that breaks', () => {
  test('is opened again after pauses that double, up to half a minute', async () => {
    const follow = start();
    script = Array(20).fill(refusal('connection_failed', true));
    follow('a');
    await clock.advance(100_000);
    const pauses = at().map((time, index) => time - (at()[index - 1] ?? 0));
    expect(pauses.slice(1, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('after each event, too; those that rely on it hear of it at once', async () => {
    const follow = start();
    script = Array(20).fill(OPEN + event('a'));
    const a = follow('a');
    await clock.advance(0);
    expect(a.woken()).toBe(0);
    for (let second = 0; second < 60; second++) {
      const last = opened.at(-1);
      if (last && !last.signal.aborted) last.close();
      await clock.advance(0);
      expect(a.isLive()).toBe(false);
      await clock.advance(1000);
    }
    expect(opened.length).toBeLessThan(10);
    expect(a.woken()).toBe(opened.length);
  });

  test('and begins to last has short pauses again, also if others took over meanwhile', async () => {
    const follow = start();
    script = [refusal('connection_failed', true), refusal('connection_failed', true), OPEN, OPEN];
    follow('a');
    await clock.advance(1500);
    for (let second = 0; second <= 32; second += 2) {
      opened.at(-1)?.write(': alive\n\n');
      if (second === 10) follow('b');
      await clock.advance(2000);
    }
    expect(opened).toHaveLength(4);
    opened.at(-1)?.close();
    await clock.advance(500);
    expect(opened).toHaveLength(5);
  });

  test.each(['at once', 'after its first event'])('by falling silent %s is cut after five seconds', async (when) => {
    const follow = start();
    script = [when === 'at once' ? undefined : OPEN];
    const a = follow('a');
    await clock.advance(4999);
    expect([opened[0]?.signal.aborted, a.isLive()]).toEqual([false, when !== 'at once']);
    await clock.advance(1);
    expect([opened[0]?.signal.aborted, a.isLive()]).toEqual([true, false]);
    await clock.advance(500);
    expect(opened).toHaveLength(2);
  });

  test.each([
    ['no JSON', 'data: <html>\n\n'],
    ['no event of a sequencer', 'data: {"no": "task"}\n\n'],
    ['an event without end', `data: ${'x'.repeat(4_100_000)}`],
    ['nothing', ''],
  ])('with %s is not live', async (_, text) => {
    const follow = start();
    script = [text || undefined];
    const a = follow('a');
    await clock.advance(0);
    expect(a.isLive()).toBe(false);
    if (!text) opened[0]?.close();
    await clock.advance(5500);
    expect(opened).toHaveLength(2);
  });
});

describe('what a stream says of a task', () => {
  test('that it has ended is said once: polls decide, and no stream follows it again', async () => {
    const follow = start();
    const [a] = [follow('a'), follow('b')];
    await clock.advance(0);
    opened[0]?.write(event('a', 'finished') + event('a', 'finished', 'e2') + event('a', 'running'));
    await clock.advance(10_000);
    expect([a.statuses, a.isLive(), idsOf(1)]).toEqual([['finished'], false, ['b']]);
  });

  test('that it does not know it leaves the task to polls, without another stream', async () => {
    const follow = start();
    const [a, b] = [follow('a'), follow('b')];
    await clock.advance(0);
    opened[0]?.write('event: gone\ndata: {"task_id":"a","code":"not_found","message":"There is no task a."}\n\n');
    await clock.advance(2000);
    expect([a.isLive(), b.isLive(), opened.length]).toEqual([false, true, 1]);
  });
});

describe('an opening that is refused', () => {
  test('because there is no such call is not repeated', async () => {
    const follow = start();
    script = [refusal('not_found')];
    follow('a');
    await clock.advance(100_000);
    expect([opened.length, isMissing]).toEqual([1, true]);
  });

  test('for too many streams ends the one before', async () => {
    const follow = start();
    follow('a');
    await clock.advance(1000);
    script = [refusal('rate_limited', true)];
    follow('b');
    await clock.advance(0);
    expect(opened[0]?.signal.aborted).toBe(true);
    await clock.advance(1000);
    expect([opened.length, idsOf(2)]).toEqual([3, ['a', 'b']]);
  });

  test.each(['invalid_request', 'payload_too_large'])('with %s is repeated with half as many tasks', async (code) => {
    const follow = start();
    script = [refusal(code)];
    for (const task_id of ['a', 'b', 'c', 'd']) follow(task_id);
    await clock.advance(500);
    expect([idsOf(0), idsOf(1)]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b'],
    ]);
    opened[1]?.write(': alive\n\n');
    await clock.advance(4000);
    expect(opened).toHaveLength(2);
  });

  test('for a wrong key is repeated after half a minute', async () => {
    const follow = start();
    script = [refusal('unauthorized')];
    follow('a');
    await clock.advance(29_999);
    expect(opened).toHaveLength(1);
    await clock.advance(1);
    expect(opened).toHaveLength(2);
  });
});
