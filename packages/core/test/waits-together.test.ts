import { afterEach, describe, expect, test, vi } from 'vitest';
import { Heurist } from '../src/index.ts';
import { apiKey, EchoTask, failure, withStub } from './client.ts';
import { type Script, startStub } from './stub-sequencer.ts';

type Body = { task_ids: string[]; tasks: { task_id: string }[]; api_key?: string };

const finished = (task_id: string) => ({ task_id, status: 'finished' });
const running = (task_id: string) => ({ task_id, status: 'running' });
const event = (state: object) => `event: task\ndata: ${JSON.stringify(state)}\n\n`;
const OPEN = 'event: open\ndata: {"tasks":1}\n\n';

/** A sequencer whose tasks run when they are first looked at, and have ended when the stream says so. */
const ours = (): Script => ({
  tasks_query: (body, count) => ({
    json: { results: (body as unknown as Body).task_ids.map(count > 1 ? finished : running) },
  }),
  tasks_events: (body) => ({
    stream: true,
    delayMs: 50,
    text: OPEN + (body as unknown as Body).tasks.map(({ task_id }) => event(finished(task_id))).join(''),
  }),
});
const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);

afterEach(() => void vi.unstubAllGlobals());

describe('waits of one client', () => {
  test('share one stream and batched queries', () =>
    withStub(ours(), async ({ workflow }, stub) => {
      const ids = idsOf(100);
      const states = await Promise.all(ids.map((task_id) => workflow.task(task_id).wait()));
      expect(states.map(({ task_id }) => task_id)).toEqual(ids);
      expect(stub.named('tasks_events').map(({ body }) => body.tasks.length)).toEqual([100]);
      expect(stub.named('tasks_query').map(({ body }) => body.task_ids.length)).toEqual([100, 100]);
      expect(stub.calls).toHaveLength(3);
    }));

  test('with keys of their own are asked for with each key', async () => {
    await using stub = await startStub({ ...ours(), task_create: (_, count) => ({ json: { task_id: `t${count}` } }) });
    const { workflow } = new Heurist({ apiKey, workflowURL: stub.url });
    const other = Object.assign(new EchoTask(), { api_key: 'globex#other-key' });
    await Promise.all([workflow.run(new EchoTask()), workflow.run(other)]);
    for (const name of ['tasks_events', 'tasks_query'])
      expect(new Set(stub.named(name).map(({ headers }) => headers.authorization))).toEqual(
        new Set(['Bearer acme#secret-key', 'Bearer globex#other-key']),
      );
  });

  test('settle alone: an abort and a timeout of one leave the others alone', () => {
    const tasks_query = ours().tasks_query!;
    const goesOn: Script = {
      tasks_query: (body) => tasks_query(body, 1),
      tasks_events: () => ({ stream: true, text: OPEN }),
    };
    return withStub(goesOn, async ({ workflow }, stub) => {
      const stop = new AbortController();
      const [given, late] = [
        failure(workflow.task('a').wait({ signal: stop.signal })),
        failure(workflow.task('b').wait({ timeout: 300 })),
      ];
      const kept = failure(workflow.task('c').wait({ timeout: 1500 }));
      await vi.waitFor(() => expect(stub.named('tasks_events')).toHaveLength(1));
      stop.abort('enough');
      expect(await given).toMatchObject({ code: 'aborted', task_id: 'a' });
      expect(await late).toMatchObject({ code: 'task_timeout', task_id: 'b' });
      expect(stub.named('tasks_events').map(({ isOver }) => isOver)).toEqual([false]);
      expect(await kept).toMatchObject({ code: 'task_timeout', task_id: 'c' });
      // nothing keeps a program from ending
      await vi.waitFor(() => expect(stub.named('tasks_events').map(({ isOver }) => isOver)).toEqual([true]));
    });
  });

  test('heed the Retry-After of a batched query', () =>
    withStub(
      {
        tasks_query: (body, count) =>
          count === 1
            ? { status: 429, json: { code: 'rate_limited', message: 'slower' }, headers: { 'retry-after': '2' } }
            : { json: { results: (body as unknown as Body).task_ids.map(finished) } },
      },
      async ({ workflow }, stub) => {
        await Promise.all(idsOf(3).map((task_id) => workflow.task(task_id).wait()));
        const [first, second, ...more] = stub.named('tasks_query');
        expect(second!.at - first!.at).toBeGreaterThan(1900);
        expect(more).toEqual([]);
        expect(stub.named('task_result_query')).toEqual([]);
      },
    ));
});

describe('a sequencer without the calls for many tasks', () => {
  const older: Script = { task_result_query: ({ task_id }) => ({ json: finished(task_id as string) }) };

  test('is asked for them once by each client', () =>
    withStub(older, async ({ workflow }, stub) => {
      await Promise.all(idsOf(3).map((task_id) => workflow.task(task_id).wait()));
      await workflow.task('later').wait();
      expect(stub.named('tasks_query')).toHaveLength(1);
      expect(stub.named('tasks_events').length).toBeLessThan(2);
      expect(stub.named('task_result_query')).toHaveLength(4);
    }));

  test('with a stream for each task is followed on those', () =>
    withStub(
      {
        task_result_query: ({ task_id }, count) => ({
          json: count > 2 ? finished(task_id as string) : running(task_id as string),
        }),
        task_events: ({ task_id }) => ({ stream: true, delayMs: 100, text: event(finished(task_id as string)) }),
      },
      async ({ workflow }, stub) => {
        const start = performance.now();
        await Promise.all(['a', 'b'].map((task_id) => workflow.task(task_id).wait()));
        expect(performance.now() - start).toBeLessThan(900);
        expect(stub.named('task_events').map(({ body }) => body.task_id)).toEqual(['a', 'b']);
      },
    ));

  test('gets three streams at most from a web page, which has six connections', () =>
    withStub(
      {
        task_result_query: ({ task_id }) => ({ json: running(task_id as string) }),
        task_events: ({ task_id }) => ({ stream: true, text: event(running(task_id as string)) }),
      },
      async ({ workflow }, stub) => {
        vi.stubGlobal('document', {});
        const ends = idsOf(8).map((task_id) => failure(workflow.task(task_id).wait({ timeout: 600 })));
        await Promise.all(ends);
        expect(stub.named('task_events')).toHaveLength(3);
      },
    ));
});
