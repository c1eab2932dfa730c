import { expect, test } from 'vitest';
import { ReadyTimer } from './ready-timer.ts';

function createTimer() {
  let now = 0;
  const timer = new ReadyTimer({ now: () => now });
  const at = (ms: number, act: (timer: ReadyTimer) => void) => {
    now = ms;
    act(timer);
  };
  const end = (ms: number) => {
    now = ms;
    return timer.end();
  };
  return { at, end };
}

test('measures from the start of the graph to its first step', () => {
  const { at, end } = createTimer();
  at(5000, (timer) => timer.start());
  at(5100, (timer) => timer.enter('CheckpointLoaderSimple'));
  at(9000, (timer) => timer.enter('KSampler'));
  at(10_000, (timer) => timer.step());
  at(11_000, (timer) => timer.step());
  at(12_000, (timer) => timer.enter('VAELoader'));
  expect(end(20_000)).toEqual({ ready_ms: 5000, loaders_ms: 3900 });
});

test('inputs are no models', () => {
  const { at, end } = createTimer();
  at(0, (timer) => timer.start());
  at(0, (timer) => timer.enter('VAELoader'));
  at(100, (timer) => timer.enter('LoadImage'));
  at(900, (timer) => timer.enter('ImageOnlyCheckpointLoader'));
  at(1000, (timer) => timer.step());
  expect(end(1000)?.loaders_ms).toBe(200);
});

test('to its end, if it has no steps', () => {
  const { at, end } = createTimer();
  at(5000, (timer) => timer.start());
  expect(end(7000)).toEqual({ ready_ms: 2000, loaders_ms: 0 });
});

test('anew, if the graph was interrupted and runs again', () => {
  const { at, end } = createTimer();
  at(0, (timer) => timer.start());
  at(1000, (timer) => timer.step());
  at(5000, (timer) => timer.start());
  at(5500, (timer) => timer.step());
  expect(end(9000)?.ready_ms).toBe(500);
});

test('says nothing without a start: events were lost', () => {
  const { at, end } = createTimer();
  at(1000, (timer) => timer.step());
  expect(end(2000)).toBeUndefined();
});
