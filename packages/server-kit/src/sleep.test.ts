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
