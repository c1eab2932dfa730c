import { describe, expect, test, vi } from 'vitest';
import { type Heurist, TaskAbortedError, TaskTimeoutError } from '../src/index.ts';
import { created, EchoTask, failure, state, withStub } from './client.ts';
import type { Answer, Script } from './stub-sequencer.ts';

const cancel = (): Answer => ({ json: { task_id: 't1', msg: 'canceled' } });
const first = (fault: Answer) => (_: unknown, count: number) => (count > 1 ? created : fault);

async function givenUp(promise: Promise<unknown>) {
  const error = await failure(promise);
  if (!TaskTimeoutError.isInstance(error) && !TaskAbortedError.isInstance(error)) throw error;
  return error;
}

/** A run that ends while the submit is in flight: by its timeout, or aborted by the caller. */
const ends: [string, (heurist: Heurist, options: object) => Promise<unknown>][] = [
  ['a timeout', (heurist, options) => heurist.workflow.run(new EchoTask(), { timeout: 600, job_id: 'j1', ...options })],
  [
    'an abort',
    (heurist, options) =>
      heurist.workflow.run(new EchoTask(), { signal: AbortSignal.timeout(600), job_id: 'j1', ...options }),
  ],
];

describe.concurrent.each(ends)('a submit that %s cut off', (_, run) => {
  test.each<[string, Answer]>([
    ['it hangs', 'hang'],
    ['it is answered later', { ...(created as object), delayMs: 1200 }],
  ])('%s: the task is found by its job, and canceled', (_, fault) =>
    withStub({ task_create: first(fault), task_cancel: cancel }, async (heurist, stub) => {
      const start = performance.now();
      const error = await givenUp(run(heurist, {}));
      expect(performance.now() - start).toBeLessThan(900);
      expect(error.job_id).toBe('j1');
      expect(await error.cancellation).toEqual({ outcome: 'canceled' });
      expect(error.task_id).toBe('t1');
      expect(stub.named('task_create').map(({ body }) => body.job_id)).toEqual(['j1', 'j1']);
      expect(stub.named('task_cancel')).toHaveLength(1);
    }),
  );

  test('a reset left in doubt whether it arrived: so does what follows', () =>
    withStub(
      {
        task_create: (_, count) => (count === 1 ? 'reset' : count === 2 ? 'hang' : created),
        task_cancel: cancel,
      },
      async (heurist) => {
        expect(await (await givenUp(run(heurist, {}))).cancellation).toEqual({ outcome: 'canceled' });
      },
    ));

  test('onAbort: leave sends nothing more, and the job can be resumed', () =>
    withStub({ task_create: first('hang'), task_cancel: cancel }, async (heurist, stub) => {
      const error = await givenUp(run(heurist, { onAbort: 'leave' }));
      expect(await error.cancellation).toEqual({ outcome: 'left' });
      expect(stub.named('task_create')).toHaveLength(1);
      await heurist.workflow.run(new EchoTask(), { job_id: error.job_id });
      expect(stub.named('task_create').map(({ body }) => body.job_id)).toEqual(['j1', 'j1']);
      expect(stub.named('task_cancel')).toEqual([]);
    }));

  test.each([425, 429, 503])('a sequencer that took nothing (%i): no task is made only to cancel it', (status) =>
    withStub({ task_create: () => ({ status, json: {}, headers: { 'retry-after': '60' } }) }, async (heurist, stub) => {
      const error = await givenUp(run(heurist, {}));
      expect(await error.cancellation).toEqual({ outcome: 'not_submitted' });
      expect(stub.named('task_create')).toHaveLength(1);
    }),
  );
});

describe.concurrent('what became of the cancel', () => {
  const wait = (heurist: Heurist) => heurist.workflow.run(new EchoTask(), { timeout: 300 });
  const running: Script = { task_result_query: () => state('running') };

  test.each<[string, (count: number) => Answer]>([
    ['503 twice', (count) => (count > 2 ? cancel() : { status: 503, json: {}, headers: { 'retry-after': '0' } })],
    ['a reset', (count) => (count > 1 ? cancel() : 'reset')],
  ])('it is tried again after %s', (_, answer) =>
    withStub({ ...running, task_cancel: (_, count) => answer(count) }, async (heurist) => {
      expect(await (await givenUp(wait(heurist))).cancellation).toEqual({ outcome: 'canceled' });
    }),
  );

  test('it is given up after five seconds', () =>
    withStub({ ...running, task_cancel: () => 'hang' }, async (heurist) => {
      const error = await givenUp(wait(heurist));
      const start = performance.now();
      expect(await error.cancellation).toMatchObject({ outcome: 'unknown' });
      expect(performance.now() - start).toBeLessThan(5500);
    }));

  test('a refusal of it is told', () =>
    withStub({ ...running, task_cancel: () => ({ status: 403, json: { message: 'no' } }) }, async (heurist) => {
      expect(await (await givenUp(wait(heurist))).cancellation).toMatchObject({
        outcome: 'unknown',
        cause: { message: 'no' },
      });
    }));

  test.each(['cancel', 'leave'] as const)('an onProgress that throws gives up, too: %s', (onAbort) =>
    withStub({ ...running, task_cancel: cancel }, async (heurist, stub) => {
      for (const status of ['waiting', 'running']) {
        const onProgress = (step: { status: string }) => {
          if (step.status === status) throw new Error('my bug');
        };
        const run = heurist.workflow.run(new EchoTask(), { onAbort, onProgress });
        expect((await failure(run)).message).toBe('my bug');
      }
      if (onAbort === 'cancel') await vi.waitFor(() => expect(stub.named('task_cancel')).toHaveLength(2));
      else await new Promise((resolve) => setTimeout(resolve, 200));
      expect(stub.named('task_cancel')).toHaveLength(onAbort === 'cancel' ? 2 : 0);
    }),
  );

  test('a signal that fired before: there is no task', () =>
    withStub({}, async (heurist, stub) => {
      const run = heurist.workflow.run(new EchoTask(), { signal: AbortSignal.abort() });
      expect(await (await givenUp(run)).cancellation).toEqual({ outcome: 'not_submitted' });
      expect(stub.calls).toEqual([]);
    }));
});
