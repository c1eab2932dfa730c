import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Heurist, type HeuristOptions } from '../src/index.ts';
import { apiKey, created, done, EchoTask, failure, withStub } from './client.ts';
import { startStub } from './stub-sequencer.ts';

const png = Buffer.from('89504e470d0a1a0a00010203', 'hex');

/** A sequencer with files, a storage elsewhere, and a client with options of its own. */
async function withStorage<T>(
  options: HeuristOptions,
  use: (
    heurist: Heurist,
    calls: Awaited<ReturnType<typeof startStub>>['calls'],
    stored: Awaited<ReturnType<typeof startStub>>['calls'],
  ) => Promise<T>,
) {
  await using storage = await startStub({ put: () => ({ json: {} }), 'cat.png': () => ({ text: 'cat' }) });
  await using stub = await startStub({
    task_create: () => created,
    file_create: () => ({ json: { upload_url: `${storage.url}/put`, url: 'https://files.test/1' } }),
    task_result_query: () => ({ json: { task_id: 't1', status: 'finished', outputs: [{ url: `${stub.url}/out` }] } }),
    task_cancel: () => ({ json: { task_id: 't1', msg: 'ok' } }),
    put: () => ({ json: {} }),
    'own.png': () => ({ text: 'own' }),
    out: () => ({ status: 302, text: '', headers: { location: `${storage.url}/cat.png` } }),
  });
  return await use(new Heurist({ apiKey, workflowURL: stub.url, ...options }), stub.calls, storage.calls);
}

describe.concurrent('`headers` of a client', () => {
  const headers = { 'X-Gateway': 'pass', 'CF-Access-Client-Id': 'me' };

  test('go with every call to the sequencer, its event stream included', () =>
    withStorage({ headers }, async ({ workflow }, calls) => {
      await workflow.run(new EchoTask());
      await workflow.cancelTask('t1');
      await workflow.networkStatus().catch(() => {});
      for (const call of calls)
        expect(call.headers).toMatchObject({ 'x-gateway': 'pass', 'cf-access-client-id': 'me' });
      const names = calls.map(({ name }) => name);
      for (const name of ['task_create', 'task_result_query', 'task_events', 'task_cancel', 'network_status'])
        expect(names).toContain(name);
    }));

  test('do not go to a storage: neither with uploads nor with downloads, nor through redirects', () =>
    withStorage({ headers }, async ({ workflow }, calls, stored) => {
      await workflow.uploadFile(png);
      const { outputs } = await workflow.run(new EchoTask());
      expect(Buffer.from((await outputs[0]?.bytes())!).toString()).toBe('cat');
      expect(calls.find(({ name }) => name === 'out')?.headers).toMatchObject({ 'x-gateway': 'pass' });
      expect(stored.map(({ name }) => name)).toEqual(['put', 'cat.png']);
      expect(JSON.stringify(stored.map((call) => call.headers))).not.toMatch(
        /gateway|cf-access|secret-key|authorization/,
      );
    }));

  test('go with files of the sequencer itself', () =>
    withStub({}, async () => {
      await using server = await startStub({
        file_create: () => ({ json: { upload_url: `${server.url}/put`, url: 'https://files.test/1' } }),
        put: () => ({ json: {} }),
      });
      const own = new Heurist({ apiKey, workflowURL: server.url, headers });
      await own.workflow.uploadFile(png);
      expect(server.named('put')[0]?.headers).toMatchObject({ 'x-gateway': 'pass', 'content-type': 'image/png' });
    }));

  test.each<[string, HeuristOptions['headers']]>([
    ['an object', { Authorization: 'Bearer evil', authorization: 'Bearer worse', 'Content-Type': 'text/plain' }],
    ['Headers', new Headers({ authorization: 'Bearer evil', accept: 'x/y', 'x-heurist-protocol': '9' })],
  ])('never take the place of the key, or of what the SDK says: %s', (_, given) =>
    withStorage({ headers: given }, async ({ workflow }, calls) => {
      await workflow.executeWorkflow(new EchoTask());
      expect(calls[0]?.headers).toMatchObject({
        authorization: 'Bearer acme#secret-key',
        'content-type': 'application/json',
        accept: 'application/json',
      });
      expect(JSON.stringify(calls[0]?.headers)).not.toMatch(/evil|worse/);
    }),
  );

  test.each([{ 'bad name': 'x' }, { x: 'a\nb' }])('that are not valid are refused: %j', (given) =>
    withStorage({ headers: given as never }, async ({ workflow }, calls) => {
      expect(await failure(workflow.executeWorkflow(new EchoTask()))).toMatchObject({ code: 'invalid_configuration' });
      expect(calls).toEqual([]);
    }),
  );
});

describe.concurrent('`fetch` of a client', () => {
  test('is used for calls, the event stream, uploads and downloads', () => {
    const seen: string[] = [];
    const own = (input: string | URL | Request, init?: RequestInit) => {
      seen.push(new URL(input instanceof Request ? input.url : input).pathname);
      return fetch(input, init);
    };
    return withStorage({ fetch: own }, async ({ workflow }) => {
      await workflow.uploadFile(png);
      const { outputs } = await workflow.run(new EchoTask());
      await outputs[0]?.bytes();
      for (const path of ['/file_create', '/put', '/task_create', '/task_result_query', '/task_events', '/out'])
        expect(seen).toContain(path);
    });
  });

  test('that does not heed the signal holds nobody up', async () => {
    const heurist = new Heurist({ apiKey, workflowURL: 'https://x.test', fetch: () => new Promise(() => {}) });
    const at = performance.now();
    const error = await failure(heurist.workflow.queryTaskResult('t1', { signal: AbortSignal.timeout(50) }));
    expect(error).toMatchObject({ code: 'aborted', task_id: 't1' });
    expect(performance.now() - at).toBeLessThan(500);
  });

  test('that is no function is refused', async () => {
    const heurist = new Heurist({ apiKey, workflowURL: 'https://x.test', fetch: 'fetch' as never });
    expect(await failure(heurist.workflow.networkStatus())).toMatchObject({ code: 'invalid_configuration' });
  });
});

describe.concurrent('a signal', () => {
  test.each<[string, (heurist: Heurist, signal: AbortSignal) => Promise<unknown>]>([
    ['queryTaskResult', ({ workflow }, signal) => workflow.queryTaskResult('t1', { signal })],
    ['cancelTask', ({ workflow }, signal) => workflow.cancelTask('t1', { signal })],
    ['createSession', ({ workflow }, signal) => workflow.createSession({ task_types: ['x'] }, { signal })],
    ['webhookSecret', ({ workflow }, signal) => workflow.webhookSecret({ signal })],
    ['networkStatus', ({ workflow }, signal) => workflow.networkStatus({ signal })],
    ['executeWorkflow', ({ workflow }, signal) => workflow.executeWorkflow(new EchoTask(), { signal })],
    ['task(id).query', ({ workflow }, signal) => workflow.task('t1').query({ signal })],
    ['task(id).cancel', ({ workflow }, signal) => workflow.task('t1').cancel({ signal })],
    ['task(id).wait', ({ workflow }, signal) => workflow.task('t1').wait({ signal })],
  ])('ends %s at once, with an error of the SDK', (_, call) => {
    const hang = () => 'hang' as const;
    const names = [
      'task_create',
      'task_result_query',
      'task_cancel',
      'network_status',
      'webhook_secret',
      'session_create',
    ];
    return withStub(Object.fromEntries(names.map((name) => [name, hang])), async (heurist) => {
      const abort = new AbortController();
      const error = failure(call(heurist, abort.signal));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const at = performance.now();
      abort.abort('enough');
      expect(await error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: 'enough' });
      expect(performance.now() - at).toBeLessThan(200);
    });
  });
});

describe.concurrent('a key that a server echoes', () => {
  test.each<[string, object]>([
    ['a refusal', { status: 401, json: { code: 'unauthorized', message: 'no key "secret-key" here' } }],
    ['a web page', { status: 500, text: '<title>secret-key</title>' }],
    ['a text', { status: 400, text: 'bad key acme#secret-key' }],
    ['a gateway', { status: 403, json: { message: 'access denied for Bearer acme#secret-key' } }],
  ])('in %s is in no message, stack or log', (_, answer) =>
    withStub({ task_create: () => answer }, async (heurist) => {
      const error = await failure(heurist.workflow.run(new EchoTask(), { timeout: 1500, onAbort: 'leave' }));
      expect(error.message).not.toBe('');
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-key');
    }),
  );

  test('in the reason of a task is hidden too', () =>
    withStub(
      {
        task_result_query: () => ({
          json: { task_id: 't1', status: 'failed', error: { code: 'x', message: 'key secret-key is bad' } },
        }),
      },
      async (heurist) => {
        const error = await failure(heurist.workflow.run(new EchoTask()));
        expect(error.message).toBe('Task t1 failed: key [key] is bad');
        expect(inspect(error, { depth: 9 })).not.toContain('secret-key');
      },
    ));

  test('that is a part of every other word is left alone', async () => {
    await using stub = await startStub({
      task_create: () => ({ status: 400, json: { code: 'invalid_request', message: 'a bad request' } }),
    });
    const heurist = new Heurist({ apiKey: 'x#a', workflowURL: stub.url });
    expect((await failure(heurist.workflow.run(new EchoTask()))).message).toBe('a bad request');
  });

  test('nor is it in what a lost connection leaves', () =>
    withStub({ task_create: () => 'reset', task_result_query: () => done }, async (heurist) => {
      const error = await failure(heurist.workflow.executeWorkflow(new EchoTask(), { timeout: 1200 }));
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-key');
    }));
});
