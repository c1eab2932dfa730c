import { expect, test } from 'vitest';
import { sleep } from './sleep.ts';

test('a time that is over already is no wait, and Node warns of nothing', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  await sleep(-0.25);
  await sleep(1);
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('a time that is longer than timers support is a wait nevertheless', async () => {
  const stop = new AbortController();
  let isOver = false;
  const long = sleep(2 ** 40, stop.signal).then(() => {
    isOver = true;
  });
  await sleep(50);
  expect(isOver).toBe(false);
  stop.abort();
  await long;
});
