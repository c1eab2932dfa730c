import { expect, test } from 'vitest';
import { Forecast } from './forecast.ts';

function create() {
  let time = 0;
  const forecast = new Forecast(() => time);
  return {
    forecast,
    pass(ms: number) {
      time += ms;
    },
  };
}

test('nothing to do ends now', () => {
  expect(create().forecast.remainingMs()).toBe(0);
});

test('the first of its kind ends nobody knows when, until its own pace tells', () => {
  const { forecast, pass } = create();
  forecast.begin('a', 'x');
  pass(1000);
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  forecast.recordProgress('a', 5);
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  forecast.recordProgress('a', 25);
  expect(forecast.remainingMs()).toBe(3000);
});

test('the next takes as long as the last, and counts from its own turn', () => {
  const { forecast, pass } = create();
  forecast.begin('a', 'x');
  pass(2000);
  forecast.begin('b', 'x');
  forecast.end('a', true);
  pass(500);
  expect(forecast.remainingMs()).toBe(1500);
  forecast.begin('c', 'x');
  expect(forecast.remainingMs()).toBe(3500);
  // longer than expected: any moment now
  pass(5000);
  expect(forecast.remainingMs()).toBe(2000);
});

test('one that failed teaches nothing', () => {
  const { forecast, pass } = create();
  forecast.begin('a', 'x');
  pass(10);
  forecast.end('a', false);
  forecast.begin('b', 'x');
  expect(forecast.remainingMs()).toBe(Number.POSITIVE_INFINITY);
});
