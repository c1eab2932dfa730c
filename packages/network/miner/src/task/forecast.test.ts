import { expect, test } from 'vitest';
import { ASIDE_MS, Forecast } from './forecast.ts';

function create() {
  let time = 0;
  const forecast = new Forecast(() => time);
  return {
    forecast,
    pass(ms: number) {
      time += ms;
    },
    /** A task without inputs: its graph is queued at once. */
    run(lease_id: string) {
      forecast.begin(lease_id, 'x');
      forecast.queue(lease_id);
    },
  };
}

test('nothing to do ends now', () => {
  expect(create().forecast.remainingMs()).toBe(0);
});

test('the first of its kind ends nobody knows when, until its own pace tells', () => {
  const { forecast, pass, run } = create();
  run('a');
  pass(1000);
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  forecast.recordProgress('a', 5);
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  forecast.recordProgress('a', 25);
  expect(forecast.remainingMs()).toBe(3000);
});

test('the next takes as long as the last, and counts from its own turn', () => {
  const { forecast, pass, run } = create();
  run('a');
  pass(2000);
  run('b');
  forecast.end('a', true);
  pass(500);
  expect(forecast.remainingMs()).toBe(1500);
  run('c');
  expect(forecast.remainingMs()).toBe(3500);
  // longer than expected: any moment now
  pass(5000);
  expect(forecast.remainingMs()).toBe(2000);
});

test('one that failed teaches nothing', () => {
  const { forecast, pass, run } = create();
  run('a');
  pass(10);
  forecast.end('a', false);
  run('b');
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
});

test('a task whose inputs are slow stands aside: it counts again once its graph is queued', () => {
  const { forecast, pass, run } = create();
  run('first');
  pass(2000);
  forecast.end('first', true);
  for (const lease_id of ['slow', 'slower']) {
    forecast.begin(lease_id, 'x');
    forecast.fetch(lease_id);
  }
  pass(ASIDE_MS - 1);
  // they may be here in a moment
  expect([forecast.aside, forecast.remainingMs()]).toEqual([[], 4000]);
  pass(1);
  expect([forecast.aside, forecast.remainingMs()]).toEqual([['slow', 'slower'], 0]);
  run('quick');
  pass(500);
  expect(forecast.remainingMs()).toBe(1500);
  forecast.queue('slow');
  expect([forecast.aside, forecast.remainingMs()]).toEqual([['slower'], 3500]);
  forecast.end('quick', true);
  pass(100);
  expect(forecast.remainingMs()).toBe(400);
});

test('a task that has nothing to fetch never stands aside, however busy the machine is', () => {
  const { forecast, pass } = create();
  forecast.begin('a', 'x');
  pass(10 * ASIDE_MS);
  expect(forecast.aside).toEqual([]);
});
