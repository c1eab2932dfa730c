import { afterEach, describe, expect, test, vi } from 'vitest';
import { Heurist } from '../src/index.ts';
import { apiKey, created, done, EchoTask, failure, state, withStub } from './client.ts';
import { type Answer, type Script, startStub } from './stub-sequencer.ts';

const ours = { 'heurist-protocol': '2' };
const of = (answer: Answer): Answer => ({ ...(answer as object), headers: ours });
const status = of({ json: { miners: [], workflows: [], recent_failures: [] } });
const script: Script = {
  task_create: () => of(created),
  task_result_query: (_, count) => of(count > 1 ? done : state('running')),
  network_status: () => status,
};
/** Where the key of each call was. */
const places = (calls: { name: string; headers: { authorization?: string | undefined }; body: object }[]) =>
  calls.map(({ name, headers: { authorization }, body }) => [
    name,
    authorization,
    ...Object.keys(body)
      .filter((field) => ['api_key', 'consumer_id'].includes(field))
      .sort(),
  ]);
const bearer = 'Bearer acme#secret-key';

describe.concurrent('the key', () => {
  test('is in the body and the header at first; from the first reply of a sequencer of ours, in the header alone', () =>
    withStub(script, async (heurist, { calls }) => {
      await heurist.workflow.run(new EchoTask());
      await heurist.workflow.networkStatus();
      const [first, ...more] = places(calls);
      expect(first).toEqual(['task_create', bearer, 'api_key', 'consumer_id']);
      expect(more.map(([name]) => name).sort()).toEqual([
        'network_status',
        'task_events',
        'task_result_query',
        'task_result_query',
        'tasks_events',
        'tasks_query',
      ]);
      for (const [, ...place] of more) expect(place).toEqual([bearer]);
    }));

  test('stays in the body for a reference sequencer', () =>
    withStub({}, async (heurist, { calls }) => {
      await heurist.workflow.run(new EchoTask());
      expect(places(calls.filter(({ name }) => name === 'task_result_query'))).toEqual([
        ['task_result_query', bearer, 'api_key'],
      ]);
    }));

  test("is never in the body with auth: 'header'", async () => {
    await using stub = await startStub({ task_create: () => created, task_result_query: () => done });
    await new Heurist({ apiKey, workflowURL: stub.url, auth: 'header' }).workflow.run(new EchoTask());
    for (const [, ...place] of places(stub.calls)) expect(place).toEqual([bearer]);
    expect(JSON.stringify(stub.calls.map(({ body }) => body))).not.toContain('secret-key');
  });

  test('goes back to the body if a proxy drops the header', () =>
    withStub(
      {
        ...script,
        task_result_query: ({ api_key }) =>
          of(api_key ? done : { status: 401, json: { code: 'unauthorized', message: 'no key' } }),
      },
      async (heurist, { named }) => {
        await heurist.workflow.run(new EchoTask());
        await heurist.workflow.task('t1').wait();
        expect(places(named('task_result_query')).map(([, header, ...fields]) => [!!header, ...fields])).toEqual([
          [true],
          [false, 'api_key'],
          [false, 'api_key'],
        ]);
      },
    ));

  test('that is wrong is refused after one more try', () =>
    withStub(
      { ...script, task_result_query: () => of({ status: 401, json: { code: 'unauthorized', message: 'revoked' } }) },
      async (heurist, { named }) => {
        expect((await failure(heurist.workflow.run(new EchoTask()))).message).toBe('revoked');
        expect(named('task_result_query')).toHaveLength(2);
      },
    ));

  test.each([
    [{ consumer_id: 'b', api_key: 'a-b-c' }, 'Bearer b#a-b-c', 'Bearer b#a-b-c'],
    [{ api_key: 'other#k' }, 'Bearer other#k', 'Bearer other#k'],
    // the task is looked up in the name of the key
    [{ consumer_id: 'b' }, 'Bearer b#secret-key', bearer],
  ])('of a task goes with all of its calls: %j', (options, submitted, asked) =>
    withStub(script, async (heurist, { calls }) => {
      await heurist.workflow.run(new EchoTask(options));
      const [first, ...more] = places(calls);
      expect(first?.[1]).toBe(submitted);
      for (const [, header] of more) expect(header).toBe(asked);
    }),
  );

  test('that no header can hold is sent in the body', async () => {
    await using stub = await startStub({ task_create: () => created });
    const heurist = new Heurist({ apiKey: 'acme#ключ', workflowURL: stub.url });
    await heurist.workflow.executeWorkflow(new EchoTask());
    expect(places(stub.calls)).toEqual([['task_create', undefined, 'api_key', 'consumer_id']]);
  });
});

describe('in a runtime without Node', () => {
  afterEach(() => vi.unstubAllGlobals());

  const placesIn = async (globals: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    await using stub = await startStub(script);
    await new Heurist({ apiKey, workflowURL: stub.url }).workflow.run(new EchoTask());
    return places(stub.calls).map(([, header, ...fields]) => [!!header, ...fields]);
  };

  test('a Worker of Cloudflare is a server: the key goes into the header', async () => {
    const [first, ...more] = await placesIn({ WorkerGlobalScope: class {} });
    expect(first).toEqual([true, 'api_key', 'consumer_id']);
    for (const place of more) expect(place).toEqual([true]);
  });

  test.each([{ document: {} }, { WorkerGlobalScope: class {}, importScripts() {} }])(
    'a page and its worker send it in the body: %j',
    async (globals) => {
      for (const [header, ...fields] of await placesIn(globals))
        expect([header, fields]).toEqual([false, expect.arrayContaining(['api_key'])]);
    },
  );
});
