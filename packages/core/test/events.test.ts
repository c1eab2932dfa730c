import { describe, expect, onTestFinished, test } from 'vitest';
import type { WorkflowTaskResult } from '../src/index.ts';
import { after, done, EchoTask, failure, state, withStub } from './client.ts';

describe.concurrent('events make a wait faster', () => {
  const event = (status: string, more: object = {}) =>
    `event: task\ndata: ${JSON.stringify({ task_id: 't1', status, ...more })}\n\n`;

  test('progress comes from the stream, the end is looked up at once', () =>
    withStub(
      {
        task_result_query: after([state('waiting', { queue_position: 2 })], done),
        task_events: () => ({
          stream: true,
          text: `: hello\n\n${event('running', { progress: { percent: 50, node: 'X' } })}${event('finished')}`,
        }),
      },
      async (heurist, stub) => {
        const seen: WorkflowTaskResult[] = [];
        const start = Date.now();
        const onProgress = (step: WorkflowTaskResult) => void seen.push(step);
        await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 30_000, 10_000, { onProgress });
        expect(Date.now() - start).toBeLessThan(3000);
        expect(seen[0]).toEqual({ task_id: 't1', status: 'waiting' });
        expect(seen.map(({ status }) => status)).toContain('running');
        expect(seen.at(-1)?.status).toBe('finished');
        expect(stub.named('task_result_query').length).toBeLessThanOrEqual(2);
      },
    ));

  test('a stream of rubbish does no harm', () =>
    withStub(
      {
        task_result_query: after([state('running')], done),
        task_events: () => ({ stream: true, text: 'data: {"no": "task"}\n\ndata: not json\n\n' }),
      },
      async (heurist) => {
        const result = await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 10_000, 1000);
        expect(result.status).toBe('finished');
      },
    ));

  test('many events leave no timers and listeners behind', () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const many = Array.from({ length: 50 }, (_, percent) => event('running', { progress: { percent } })).join('');
    return withStub(
      {
        task_result_query: after([state('waiting')], done),
        task_events: () => ({ stream: true, text: `${many}${event('finished')}` }),
      },
      async (heurist) => {
        const seen: WorkflowTaskResult[] = [];
        await heurist.workflow.run(new EchoTask(), { onProgress: (step) => void seen.push(step) });
        expect(seen.length).toBeGreaterThan(50);
        expect(warnings).toEqual([]);
      },
    );
  });

  test('an abort from within onProgress ends the wait at once', () =>
    withStub({ task_result_query: () => state('running') }, async (heurist) => {
      const stop = new AbortController();
      const start = Date.now();
      const wait = heurist.workflow.run(new EchoTask(), { signal: stop.signal, onProgress: () => stop.abort() });
      expect((await failure(wait)).code).toBe('aborted');
      expect(Date.now() - start).toBeLessThan(2000);
    }));

  test('a sequencer without events is asked for them once', () =>
    withStub({ task_result_query: after([state('running'), state('running')], done) }, async (heurist, stub) => {
      await heurist.workflow.executeWorkflowAndWaitForResult(new EchoTask(), 10_000, 1000);
      expect(stub.named('task_events')).toHaveLength(1);
    }));

  test('what onProgress throws rejects the wait', () =>
    withStub({ task_result_query: () => state('running') }, async (heurist) => {
      const wait = heurist.workflow.run(new EchoTask(), {
        onProgress: () => {
          throw new Error('my bug');
        },
      });
      expect((await failure(wait)).message).toBe('my bug');
    }));
});
