import { afterEach, describe, expect, test, vi } from 'vitest';
import { Heurist, TaskAbortedError, TaskTimeoutError } from '../src/index.ts';
import { apiKey, EchoTask, failure, PAGE, withStub } from './client.ts';
import { type Answer, type Script, startStub } from './stub-sequencer.ts';

interface Body {
  job_id: string;
  tasks: { job_id: string }[];
}

const ours = (answer: Answer): Answer =>
  typeof answer === 'string' ? answer : { ...answer, headers: { 'heurist-protocol': '2', ...answer.headers } };
const one = (job_id: string) => ({ task_id: `task-${job_id}` });
const many = (body: unknown) => (body as Body).tasks.map(({ job_id }) => ({ job_id, ...one(job_id) }));

/** A sequencer of ours, whose answers to many submits are those of the test. */
const sequencer = (tasks_create: Script[string] = (body) => ({ json: { results: many(body) } })): Script => ({
  task_create: (body) => ours({ json: one((body as unknown as Body).job_id), delayMs: 5 }),
  tasks_create: (...call) => ours(tasks_create(...call)),
  task_cancel: ({ task_id }) => ours({ json: { task_id, msg: 'canceled' } }),
});
const jobs = (count: number) => Array.from({ length: count }, (_, index) => `j${index}`);
const tasksOf = (job_ids: string[]) => job_ids.map((job_id) => one(job_id).task_id);
const submitAll = ({ workflow }: Heurist, job_ids: string[], options: object = {}) =>
  Promise.all(job_ids.map((job_id) => workflow.executeWorkflow(new EchoTask(), { job_id, ...options })));

afterEach(() => void vi.unstubAllGlobals());

describe('submits of one moment', () => {
  test('go together but for the first two, and the key is in the header alone', () =>
    withStub(sequencer(), async (heurist, { calls }) => {
      expect(await submitAll(heurist, jobs(50))).toEqual(tasksOf(jobs(50)));
      expect(calls.map(({ name }) => name)).toEqual(['task_create', 'task_create', 'tasks_create']);
      const { headers, body } = calls[2]!;
      expect([headers.authorization, Object.keys(body)]).toEqual(['Bearer acme#secret-key', ['tasks']]);
      expect(body.tasks).toHaveLength(48);
      expect(body.tasks[0]).toEqual({ job_id: 'j2', task_type: 'echo', task_details: new EchoTask().task_details });
    }));

  test('of a page have the key in the body, once', () =>
    withStub(sequencer(), async (heurist, { named }) => {
      vi.stubGlobal('document', {});
      await submitAll(heurist, jobs(6));
      const { body, headers } = named('tasks_create')[0]!;
      expect([headers.authorization, body]).toEqual([
        undefined,
        { consumer_id: 'acme', api_key: 'secret-key', tasks: expect.any(Array) },
      ]);
      expect(JSON.stringify(body).match(/secret-key/g)).toHaveLength(1);
    }));

  test('at a reference sequencer go alone, and nothing else is asked', () =>
    withStub({ task_create: ({ job_id }) => ({ json: one(job_id as string) }) }, async (heurist, { calls }) => {
      expect(await submitAll(heurist, jobs(10))).toEqual(tasksOf(jobs(10)));
      expect(calls.map(({ name }) => name)).toEqual(Array(10).fill('task_create'));
    }));

  test('with a key that the network echoes do not show it', () =>
    withStub(
      sequencer((body) => ({
        json: {
          results: many(body).map(({ job_id }) => ({
            job_id,
            error: { code: 'invalid_request', message: 'no secret-key here', status: 400 },
          })),
        },
      })),
      async ({ workflow }) => {
        const ends = await Promise.all(
          jobs(4).map((job_id) => failure(workflow.executeWorkflow(new EchoTask(), { job_id }))),
        );
        expect(ends[3]?.message).toBe('no [key] here');
      },
    ));
});

test('a refusal is the error that a single submit would reject with', async () => {
  const refused = { code: 'invalid_parameters', message: '`scale` must be 2 or 4 (got 3).' };
  await using single = await startStub({ task_create: () => ours({ status: 400, json: refused }) });
  await using batch = await startStub(
    sequencer((body) => ({
      json: { results: many(body).map(({ job_id }) => ({ job_id, error: { ...refused, status: 400 } })) },
    })),
  );
  const told = async (url: string, index: number) => {
    const { workflow } = new Heurist({ apiKey, workflowURL: url });
    const ends = jobs(6).map((job_id) => failure(workflow.executeWorkflow(new EchoTask(), { job_id })));
    const { name, message, code, status, isRetryable, task_id, job_id } = (await Promise.all(ends))[index]!;
    return { name, message, code, status, isRetryable, task_id, job_id };
  };
  expect(await told(batch.url, 4)).toEqual(await told(single.url, 4));
});

test.each<[string, Answer]>([
  ['reset', 'reset'],
  ['500', { status: 500, json: { code: 'internal', message: 'failed' } }],
  ['502 with a page', { ...(PAGE as object), status: 502 }],
  ['503', { status: 503, json: { code: 'unavailable', message: 'later' } }],
  ['a page with status 200', PAGE],
  ['cut off', { text: '{"results": [{"job_id": "j', headers: { 'content-type': 'application/json' }, isCut: true }],
  ['null', { json: null }],
  ['no list', { json: { results: {} } }],
  ['too large', { status: 413, json: { code: 'payload_too_large', message: 'too large' } }],
  ['a web server that takes less', { status: 413, text: '<html>413</html>' }],
  ['forbidden', { status: 403, json: { code: 'forbidden', message: 'You may not submit tasks of this workflow.' } }],
  ['nothing of some', { json: { results: [{ job_id: 'j3', task_id: 'task-j3' }] } }],
])('a batch that is answered with %s: each is submitted alone', (_, answer) =>
  withStub(
    sequencer(() => answer),
    async (heurist, { named }) => {
      expect(await submitAll(heurist, jobs(6))).toEqual(tasksOf(jobs(6)));
      expect(named('tasks_create')).toHaveLength(1);
      // once each
      const alone = named('task_create').map(({ body }) => body.job_id);
      expect(new Set(alone).size).toBe(alone.length);
    },
  ),
);

describe('one that is given up in flight', () => {
  const hang = sequencer(() => 'hang');

  test.each(['an abort', 'a timeout'])('by %s settles at once; its task is found by its job and canceled', (how) =>
    withStub(hang, async ({ workflow }, stub) => {
      const stop = new AbortController();
      const others = jobs(5).map((job_id) =>
        failure(workflow.run(new EchoTask(), { job_id, timeout: 2000, onAbort: 'leave' })),
      );
      const options = how === 'an abort' ? { signal: stop.signal } : { timeout: 300 };
      const given = failure(workflow.run(new EchoTask(), { job_id: 'mine', ...options }));
      await vi.waitFor(() => expect(stub.named('tasks_create')).toHaveLength(1));
      if (how === 'an abort') stop.abort();
      const error = await given;
      if (!TaskAbortedError.isInstance(error) && !TaskTimeoutError.isInstance(error)) throw error;
      expect(error.job_id).toBe('mine');
      expect(await error.cancellation).toEqual({ outcome: 'canceled' });
      expect(error.task_id).toBe('task-mine');
      expect(stub.named('task_cancel').map(({ body }) => body.task_id)).toEqual(['task-mine']);
      expect(stub.named('tasks_create')[0]?.isOver).toBe(false);
      await Promise.all(others);
      await vi.waitFor(() => expect(stub.named('tasks_create')[0]?.isOver).toBe(true));
    }),
  );

  test('in the queue, before anything was sent: there is no task', () =>
    withStub({ ...hang, task_create: () => 'hang' }, async ({ workflow }, stub) => {
      const runs = jobs(2).map((job_id) => failure(workflow.run(new EchoTask(), { job_id, timeout: 400 })));
      const third = failure(workflow.run(new EchoTask(), { job_id: 'third', timeout: 200 }));
      const error = (await third) as TaskTimeoutError;
      expect(await error.cancellation).toEqual({ outcome: 'not_submitted' });
      await Promise.all(runs);
      expect(stub.named('task_create').map(({ body }) => body.job_id)).not.toContain('third');
    }));
});

test('a sequencer that is full takes the rest when it says so, in one call', () => {
  let isFull = true;
  const full = { code: 'rate_limited', message: 'Too many.', status: 429, retry_after: 1 };
  return withStub(
    sequencer((body) => {
      const results = many(body).map((each, index) =>
        isFull && index > 1 ? { job_id: each.job_id, error: full } : each,
      );
      isFull = false;
      return { json: { results } };
    }),
    async (heurist, { named }) => {
      expect(await submitAll(heurist, jobs(20))).toEqual(tasksOf(jobs(20)));
      const [first, second, ...more] = named('tasks_create');
      expect([first?.body.tasks.length, second?.body.tasks.length, more]).toEqual([18, 14, []]);
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
    },
  );
});
