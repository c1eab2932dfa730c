import { expect, test } from 'vitest';
import { LoadTimer } from './load-timer.ts';

test('fetching and nodes that load count, what lies between does not', () => {
  let now = 0;
  const timer = new LoadTimer({ now: () => now });
  const at = (ms: number, act: () => void) => {
    now = ms;
    act();
  };
  at(0, () => timer.begin());
  // a second input at the same time
  at(500, () => timer.begin());
  at(1000, () => timer.pause());
  // waits in the queue of ComfyUI
  at(5000, () => timer.enter('CheckpointLoaderSimple'));
  at(6000, () => timer.enter('LoraLoader'));
  at(8000, () => timer.enter('KSampler'));
  at(9000, () => timer.enter('LoadImage'));
  at(9500, () => timer.pause());
  at(20_000, () => timer.pause());
  expect(timer.seconds).toBe(1 + 3 + 0.5);
});
