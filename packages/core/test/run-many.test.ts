import { describe, expect, test } from 'vitest';
import {
  type Heurist,
  type RunManyOptions,
  type RunManyResult,
  TaskAbortedError,
  type WorkflowTaskOutput,
} from '../src/index.ts';
import { after, EchoTask, failure, withStub } from './client.ts';
import type { Answer } from './stub-sequencer.ts';

const tasks = (count: number) => Array.from({ length: count }, () => new EchoTask());
const finished = (task_id: string): Answer => ({ json: { task_id, status: 'finished', outputs: [] } });

/** A network on which every task is its job, and ends when a test says so. */
function network() {
  const open = new Set<string>();
  const ended = new Set<string>();
  let most = 0;
  return {
    open,
    end(...ids: string[]) {
      for (const id of ids) ended.add(id);
    },
    get most() {
      return most;
    },
    script: {
      task_create: ({ job_id }: Record<string, unknown>): Answer => {
        if (!ended.has(`${job_id}`)) open.add(`${job_id}`);
        most = Math.max(most, open.size);
        return { json: { task_id: job_id } };
      },
      task_result_query: ({ task_id }: Record<string, unknown>): Answer => {
        if (!ended.has(`${task_id}`)) return { json: { task_id, status: 'running' } };
        open.delete(`${task_id}`);
        return finished(`${task_id}`);
      },
      task_cancel: ({ task_id }: Record<string, unknown>): Answer => {
        open.delete(`${task_id}`);
        return { json: { task_id, msg: 'canceled' } };
      },
    },
  };
}

async function collect(heurist: Heurist, source: Iterable<EchoTask>, options: RunManyOptions = {}) {
  const results: RunManyResult<WorkflowTaskOutput>[] = [];
  for await (const result of heurist.workflow.runMany(source, options)) results.push(result);
  return results.sort((a, b) => a.index - b.index);
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe.concurrent('runMany', () => {
  test('what is no task has an error by its index, and the others go on', () =>
    withStub({}, async (heurist) => {
      const source = [new EchoTask(), null, undefined, 5, 'a task', {}, new EchoTask()] as EchoTask[];
      const results = await collect(heurist, source, { concurrency: 2, job_id: 'b' });
      expect(results.map(({ output, error }) => !!output !== !!error)).toEqual(Array(7).fill(true));
      expect(results.map(({ error }) => !error)).toEqual([true, false, false, false, false, false, true]);
      expect(results[1]?.error).toMatchObject({
        code: 'invalid_parameters',
        message: 'A run takes tasks and handles (got null at index 1).',
      });
    }));

  test('yields every output with its index', () =>
    withStub({}, async (heurist) => {
      const results = await collect(heurist, tasks(5), { concurrency: 2 });
      expect(results.map(({ index, output }) => [index, output?.task_id])).toEqual(
        [0, 1, 2, 3, 4].map((i) => [i, 't1']),
      );
    }));

  test('a task that fails does not end the others', () =>
    withStub(
      {
        task_create: ({ job_id }) => ({ json: { task_id: job_id } }),
        task_result_query: ({ task_id }) =>
          task_id === 'b-1'
            ? { json: { task_id, status: 'failed', error: { code: 'execution_failed', message: 'no' } } }
            : finished(`${task_id}`),
      },
      async (heurist) => {
        const results = await collect(heurist, tasks(3), { job_id: 'b' });
        expect(results).toMatchObject([
          { index: 0, task_id: 'b-0', job_id: 'b-0', output: { task_id: 'b-0' } },
          { index: 1, task_id: 'b-1', job_id: 'b-1', error: { code: 'execution_failed' } },
          { index: 2, task_id: 'b-2', output: { task_id: 'b-2' } },
        ]);
      },
    ));

  test('so does one that is refused', () =>
    withStub(
      {
        task_create: after([{ status: 400, json: { code: 'invalid_parameters', message: 'no' } }], {
          json: { task_id: 't1' },
        }),
      },
      async (heurist) => {
        const results = await collect(heurist, tasks(2), { concurrency: 1 });
        expect(results).toMatchObject([{ error: { code: 'invalid_parameters' } }, { output: { task_id: 't1' } }]);
      },
    ));

  test('never has more than `concurrency` open, and takes tasks only when there is room', () => {
    const net = network();
    return withStub(net.script, async (heurist) => {
      let taken = 0;
      function* endless() {
        for (;;) {
          taken++;
          yield new EchoTask();
        }
      }
      const run = heurist.workflow.runMany(endless(), { concurrency: 3, job_id: 'j', interval: 1000 });
      const first = run.next();
      await until(() => net.open.size === 3);
      expect(taken).toBe(3);
      net.end('j-1');
      expect((await first).value).toMatchObject({ index: 1 });
      await until(() => net.open.size === 3);
      // a result that is not taken keeps its place
      net.end('j-0', 'j-2', 'j-3');
      await until(() => net.open.size === 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([taken, net.most]).toEqual([4, 3]);
      // nor does one that was taken make room for more than one
      await run.next();
      await until(() => taken > 4 && net.open.size > 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([taken, net.open.size]).toEqual([5, 1]);
      await run.return();
    });
  });

  test('with the same `job_id` finds the tasks of an earlier run', () =>
    withStub({ task_create: ({ job_id }) => ({ json: { task_id: job_id } }) }, async (heurist, stub) => {
      await collect(heurist, tasks(2), { job_id: 'nightly' });
      await collect(heurist, tasks(2), { job_id: 'nightly' });
      const jobs = stub.named('task_create').map(({ body }) => body.job_id);
      expect([...new Set(jobs)].sort()).toEqual(['nightly-0', 'nightly-1']);
    }));

  test('takes handles, which it awaits without a submit', () =>
    withStub({ task_result_query: ({ task_id }) => finished(`${task_id}`) }, async (heurist, stub) => {
      const handles = ['a', 'b'].map((id) => heurist.workflow.task(EchoTask, id));
      const ids: (string | undefined)[] = [];
      for await (const { output } of heurist.workflow.runMany(handles)) ids.push(output?.task_id);
      expect([ids.sort(), stub.named('task_create')]).toEqual([['a', 'b'], []]);
    }));

  test('says of which task a state is; what `onProgress` throws is the error of that task', () =>
    withStub({}, async (heurist) => {
      const seen: string[] = [];
      const results = await collect(heurist, tasks(2), {
        concurrency: 1,
        onAbort: 'leave',
        onProgress({ status }, index) {
          seen.push(`${index} ${status}`);
          if (index === 1) throw new Error('mine');
        },
      });
      expect(seen).toEqual(['0 waiting', '0 finished', '1 waiting']);
      expect(results).toMatchObject([{ output: {} }, { error: { message: 'mine' } }]);
    }));

  test('an abort ends it at once, cancels what is open, and says so', () => {
    const net = network();
    return withStub(net.script, async (heurist, stub) => {
      const abort = new AbortController();
      const run = failure(collect(heurist, tasks(9), { concurrency: 3, signal: abort.signal }));
      await until(() => net.open.size === 3 && stub.named('task_result_query').length >= 3);
      const at = performance.now();
      abort.abort('enough');
      const error = await run;
      expect(performance.now() - at).toBeLessThan(200);
      expect(error).toMatchObject({ code: 'aborted', cause: 'enough' });
      expect(TaskAbortedError.isInstance(error) && (await error.cancellation)).toEqual({ outcome: 'canceled' });
      expect([stub.named('task_cancel').length, stub.named('task_create').length]).toEqual([3, 3]);
    });
  });

  test('a signal that has fired submits nothing', () =>
    withStub({}, async (heurist, stub) => {
      const error = await failure(collect(heurist, tasks(2), { signal: AbortSignal.abort('no') }));
      expect([error.code, stub.calls]).toEqual(['aborted', []]);
    }));

  test('leaving the loop cancels what is open before the program goes on', () => {
    const net = network();
    return withStub(net.script, async (heurist, stub) => {
      net.end('j-0');
      for await (const _ of heurist.workflow.runMany(tasks(9), { concurrency: 3, job_id: 'j' })) break;
      expect(net.open.size).toBe(0);
      expect(stub.named('task_cancel').length).toBeGreaterThan(0);
    });
  });

  test('what the source throws comes after the tasks before it', () =>
    withStub({}, async (heurist) => {
      async function* source() {
        yield new EchoTask();
        throw new Error('bad row');
      }
      const seen: number[] = [];
      const read = async () => {
        for await (const { index } of heurist.workflow.runMany(source())) seen.push(index);
      };
      expect([(await failure(read())).message, seen]).toEqual(['bad row', [0]]);
    }));

  test.each([0, -1, Number.NaN])('a concurrency of %s is refused', (concurrency) =>
    withStub({}, async (heurist) => {
      const error = await failure(collect(heurist, tasks(1), { concurrency }));
      expect(error).toMatchObject({ code: 'invalid_configuration', message: expect.stringContaining('`concurrency`') });
    }),
  );
});

describe.concurrent('a handle with a task class', () => {
  test('resolves with the typed output', () =>
    withStub({}, async (heurist) => {
      const output = await heurist.workflow.task(EchoTask, 't1').wait();
      expect(output).toMatchObject({ task_id: 't1', outputs: [{ url: 'https://example.com/out.png' }] });
    }));

  test.each([
    ['failed', { code: 'input_unreachable' }],
    ['canceled', { code: 'task_canceled' }],
  ])('rejects if the task %s, as run does', (status, error) =>
    withStub({ task_result_query: () => ({ json: { task_id: 't1', status, error } }) }, async (heurist) => {
      expect(await failure(heurist.workflow.task(EchoTask, 't1').wait())).toMatchObject(error);
      expect(await heurist.workflow.task('t1').wait()).toMatchObject({ status });
    }),
  );
});
