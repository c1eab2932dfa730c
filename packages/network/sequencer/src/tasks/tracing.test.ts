// With the SDK of OpenTelemetry itself; packages/network/miner/test/tracing.test.ts has a whole trace.
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { traceSubmit, traceWait } from './tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const given = `00-${TRACE}-${SPAN}-01`;
const task = {
  task_id: 'task',
  workflow_id: 'echo',
  attempt: 1,
  created_at: new Date('2026-01-02T03:04:05Z'),
  history: [],
  traceparent: given,
};

/** Submits a task, and returns the parent of its later spans. */
async function submit(headers: Record<string, string> = {}): Promise<string | undefined> {
  let parent: string | undefined;
  const submitted = await traceSubmit(new Headers(headers), 'echo', async (traceparent) => {
    parent = traceparent;
    return { task: { task_id: 'task' } };
  });
  expect(submitted).toEqual({ task: { task_id: 'task' } });
  return parent;
}

describe('without an SDK', () => {
  test("the caller's trace goes on, if its header is valid", async () => {
    expect(await submit({ traceparent: given })).toBe(given);
    expect(await submit()).toBeUndefined();
    for (const invalid of ['nonsense', `${given}0`, `0${given}`, given.toUpperCase(), given.replaceAll('-', '')])
      expect(await submit({ traceparent: invalid })).toBeUndefined();
  });

  test('errors pass, and a wait is not recorded', async () => {
    const failing = traceSubmit(new Headers(), 'echo', () => Promise.reject(new Error('refused')));
    await expect(failing).rejects.toThrow('refused');
    expect(() => traceWait(task, 'rig')).not.toThrow();
  });
});

describe('with an SDK', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const register = () => provider.register();
  afterEach(() => exporter.reset());
  afterAll(async () => {
    await provider.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  });

  test("a submit is a span in the caller's trace, and the parent of later spans", async () => {
    register();
    const parent = await submit({ traceparent: given });
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      name: 'submit task',
      kind: SpanKind.PRODUCER,
      attributes: { workflow_id: 'echo', task_id: 'task' },
      instrumentationScope: { name: '@heurist/sequencer' },
      parentSpanContext: { traceId: TRACE, spanId: SPAN },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(parent).toBe(`00-${TRACE}-${span?.spanContext().spanId}-01`);
  });

  test('the span of an instrumented server is the parent, not the header that it has read', async () => {
    const server = trace.getTracer('server').startSpan('POST /task_create');
    await context.with(trace.setSpan(context.active(), server), () => submit({ traceparent: given }));
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
  });

  test('a submit that fails is marked', async () => {
    const failing = traceSubmit(new Headers(), 'echo', () => Promise.reject(new Error('refused')));
    await expect(failing).rejects.toThrow('refused');
    const [span] = exporter.getFinishedSpans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'failed' });
    expect(span?.attributes).not.toHaveProperty('task_id');
  });

  test('a wait begins with the submit, or with the end of the attempt before', () => {
    traceWait(task, 'rig');
    const ended_at = '2026-01-02T03:04:09.000Z';
    traceWait({ ...task, attempt: 2, history: [{ attempt: 1, miner_id: 'old', code: 'x', ended_at }] }, 'rig');
    const spans = exporter.getFinishedSpans();
    expect(spans[0]).toMatchObject({
      name: 'wait for miner',
      attributes: { task_id: 'task', workflow_id: 'echo', attempt: 1, miner_id: 'rig' },
      parentSpanContext: { traceId: TRACE, spanId: SPAN },
      startTime: [Date.UTC(2026, 0, 2, 3, 4, 5) / 1000, 0],
    });
    expect(spans[1]?.startTime).toEqual([Date.UTC(2026, 0, 2, 3, 4, 9) / 1000, 0]);
  });
});
