import { describe, expect, test } from 'vitest';
import { created, done, EchoTask, failure, withStub } from './client.ts';
import { type Answer, startStub } from './stub-sequencer.ts';

const redirect = (status: number, location: string): Answer => ({ status, text: '', headers: { location } });
const statuses = [301, 302, 303, 307, 308];

describe.concurrent('a key never follows a redirect to another origin', () => {
  test.each(statuses)('%i of the submit: nothing arrives there, and the error says how to fix it', async (status) => {
    await using other = await startStub({ task_create: () => created });
    await withStub({ task_create: () => redirect(status, `${other.url}/task_create`) }, async (heurist, stub) => {
      const error = await failure(heurist.workflow.run(new EchoTask()));
      expect(error).toMatchObject({
        name: 'HeuristError',
        code: 'invalid_configuration',
        status,
        message: `The sequencer at ${stub.url}/ redirects to ${other.url}. Your key was not sent there. If that is the sequencer, set \`workflowURL\` to its final address at ${other.url}.`,
      });
      expect(stub.calls).toHaveLength(1);
    });
    expect(other.calls).toEqual([]);
  });

  test.each(['data:,x', 'javascript:x', 'ftp://127.0.0.1', 'http://'])('%s is no address to advise', (location) =>
    withStub({ task_create: () => redirect(307, location) }, async (heurist) => {
      expect((await failure(heurist.workflow.executeWorkflow(new EchoTask()))).message).toMatch(
        / redirects to an invalid address\. Your key was not sent there\. If that is the sequencer, set `workflowURL` to its final address\.$/,
      );
    }),
  );

  test.each(['http://127.0.0.1:9', '//127.0.0.1:9/x', 'https://127.0.0.1', 'data:,x', 'file:///etc/passwd', 'http://'])(
    'nor to %s',
    (location) =>
      withStub({ task_create: () => redirect(307, location) }, async (heurist, stub) => {
        const error = await failure(heurist.workflow.executeWorkflow(new EchoTask()));
        expect(error).toMatchObject({ code: 'invalid_configuration', isRetryable: false });
        expect(stub.calls).toHaveLength(1);
      }),
  );

  test.each(['task_cancel', 'task_result_query', 'network_status', 'webhook_secret', 'file_create'])(
    'in %s',
    async (name) => {
      await using other = await startStub({});
      await withStub({ [name]: () => redirect(307, `${other.url}/${name}`) }, async ({ workflow }) => {
        const call = {
          task_cancel: () => workflow.cancelTask('t1'),
          task_result_query: () => workflow.task('t1').wait(),
          network_status: () => workflow.networkStatus(),
          webhook_secret: () => workflow.webhookSecret(),
          file_create: () => workflow.uploadFile(Buffer.from('89504e470d0a1a0a0000', 'hex')),
        }[name] as () => Promise<unknown>;
        expect((await failure(call())).message).toContain(other.url);
      });
      expect(other.calls).toEqual([]);
    },
  );

  test('of an event stream, which is done without', async () => {
    await using other = await startStub({});
    const script = {
      task_result_query: (_: unknown, count: number) =>
        count > 1 ? done : { json: { task_id: 't1', status: 'running' } },
      task_events: () => redirect(307, `${other.url}/task_events`),
    };
    await withStub(script, async (heurist, stub) => {
      await heurist.workflow.run(new EchoTask());
      expect(stub.named('task_events')).toHaveLength(1);
    });
    expect(other.calls).toEqual([]);
  });

  test('also by two steps', async () => {
    await using other = await startStub({});
    const script = {
      task_create: () => redirect(308, '/next'),
      next: () => redirect(307, `${other.url}/task_create`),
    };
    await withStub(script, async (heurist) => {
      expect((await failure(heurist.workflow.run(new EchoTask()))).message).toContain(other.url);
    });
    expect(other.calls).toEqual([]);
  });
});

test.each([307, 308])('%i within the origin is followed with the whole call', (status) =>
  withStub(
    { task_create: () => redirect(status, '/v2/task_create'), 'v2/task_create': () => created },
    async (heurist, stub) => {
      expect(await heurist.workflow.executeWorkflow(new EchoTask())).toBe('t1');
      const [first, second] = stub.calls;
      expect(second).toMatchObject({ method: 'POST', body: first!.body });
    },
  ),
);

test('a user name in the address of a redirect is left out: `fetch` would refuse it', async () => {
  let url = '';
  const script = {
    task_create: () => redirect(307, `${url.replace('//', '//me:hunter2@')}/v2/task_create`),
    'v2/task_create': () => created,
  };
  await withStub(script, async (heurist, stub) => {
    url = stub.url;
    expect(await heurist.workflow.executeWorkflow(new EchoTask())).toBe('t1');
  });
});

test('a circle of redirects ends', () =>
  withStub({ network_status: () => redirect(307, '/network_status') }, async (heurist, stub) => {
    expect(await failure(heurist.workflow.networkStatus())).toMatchObject({ code: 'invalid_reply', isRetryable: true });
    expect(stub.calls.length).toBeGreaterThan(5);
  }));
