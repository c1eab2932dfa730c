import { expect, test } from 'vitest';
import { TaskAbortedError } from '../wire/errors.ts';
import { Budget } from './budget.ts';
import { onceLoaded, waitForTask } from './on-first-use.ts';

/** What is loaded later, such as a chunk over a slow line. */
function slowChunk() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { loading: promise, arrive: () => resolve('chunk'), fail: () => reject(new Error('404')) };
}

test('a call begins once its code is there', async () => {
  const { loading, arrive } = slowChunk();
  const call = onceLoaded(loading, async (loaded) => `used ${loaded}`, undefined);
  arrive();
  expect(await call).toBe('used chunk');
});

test('an abort does not wait for the code, and the call does not begin any more', async () => {
  const { loading, arrive } = slowChunk();
  const abort = new AbortController();
  let hasBegun = false;
  const use = async () => {
    hasBegun = true;
  };
  const call = onceLoaded(loading, use, abort.signal);
  abort.abort('stop');
  await expect(call).rejects.toBe('stop');
  arrive();
  await new Promise(setImmediate);
  expect(hasBegun).toBe(false);
});

test('a signal that has fired rejects at once', async () => {
  const { loading } = slowChunk();
  await expect(onceLoaded(loading, async () => {}, AbortSignal.abort('stop'))).rejects.toBe('stop');
});

test.each([0, 1, 2, 3, 4, 5, 6])('an abort %i steps after the code has come is not lost', async (steps) => {
  const abort = new AbortController();
  const use = () => new Promise((_, reject) => abort.signal.addEventListener('abort', () => reject('stop')));
  const call = onceLoaded(Promise.resolve('chunk'), use, abort.signal);
  for (let step = 0; step < steps; step++) await Promise.resolve();
  abort.abort('stop');
  const late = new Promise((resolve) => setTimeout(resolve, 100, 'lost'));
  await expect(Promise.race([call, late])).rejects.toBe('stop');
});

test('once the code is there, an abort is the business of the call', async () => {
  const abort = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const call = onceLoaded(Promise.resolve(), () => promise, abort.signal);
  await Promise.resolve();
  await new Promise(setImmediate);
  abort.abort('stop');
  resolve('its own answer');
  expect(await call).toBe('its own answer');
});

test('code that cannot be loaded fails the call', async () => {
  const { loading, fail } = slowChunk();
  const call = onceLoaded(loading, async () => {}, undefined);
  fail();
  await expect(call).rejects.toThrow('404');
});

test('a wait that was aborted before its code was there cancels its task', async () => {
  const canceled: string[] = [];
  const notAsked = () => Promise.reject(new Error('not asked'));
  const client = {
    connection: { call: notAsked, open: notAsked, files: () => ({ fetch }) },
    credentials: { consumer_id: 'acme', api_key: 'key' },
    query: notAsked,
    cancel: async (task_id: string) => canceled.push(task_id),
  };
  const budget = new Budget({ signal: AbortSignal.abort('stop') });
  const error = await waitForTask(client, 't1', budget, {}).catch((reason: unknown) => reason);
  budget.end();
  expect(TaskAbortedError.isInstance(error) && (await error.cancellation)).toEqual({ outcome: 'canceled' });
  expect(canceled).toEqual(['t1']);
});
