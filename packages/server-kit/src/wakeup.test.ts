import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { Wakeup } from './wakeup.ts';

test('ends every sleep that began before, and none that begins after', async () => {
  const [clock, wakeup] = [new FakeClock(), new Wakeup()];
  const woken: string[] = [];
  const sleep = (name: string) => clock.sleep(1000, wakeup.signal).then(() => woken.push(name));
  void sleep('first');
  void sleep('second');
  wakeup.wake();
  void sleep('third');
  await clock.advance(999);
  expect(woken).toEqual(['first', 'second']);
  wakeup.wake();
  await clock.advance(0);
  expect(woken).toEqual(['first', 'second', 'third']);
});

test('a sleep that begins after its signal has fired is over at once', async () => {
  const wakeup = new Wakeup();
  const { signal } = wakeup;
  wakeup.wake();
  const clock = new FakeClock();
  await clock.sleep(1000, signal);
  expect(signal.aborted).toBe(true);
});

test('whoever does not listen any more is not called', () => {
  const wakeup = new Wakeup();
  const { signal } = wakeup;
  const listener = () => expect.unreachable();
  signal.addEventListener('abort', listener);
  signal.removeEventListener('abort', listener);
  wakeup.wake();
});
