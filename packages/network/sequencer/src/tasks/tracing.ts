import { HeuristError } from '@heurist/core';
import { untraced } from '@heurist/server-kit/untraced';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import type { TaskRecord } from './table/task-record.ts';

// Spans go to the OpenTelemetry SDK that the operator has loaded; without one, all of this does nothing. The tracer is
// looked up each time: there may be two copies of the API, and this one may have been loaded before the SDK.
const tracer = () => trace.getTracer('@heurist/sequencer');

const getter: TextMapGetter<Headers> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, name) => headers.get(name) ?? undefined,
};

/** W3C Trace Context: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * Records the submit of a task.
 *
 * @param run - gets the parent of the task's later spans: this span, or the caller's if no SDK is loaded here
 */
export async function traceSubmit<T extends { task: { task_id: string } }>(
  headers: Headers,
  workflow_id: string,
  run: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  // an instrumented HTTP server has read the headers already
  const active = trace.getActiveSpan() ? context.active() : propagation.extract(context.active(), headers, getter);
  const span = tracer().startSpan('submit task', { kind: SpanKind.PRODUCER, attributes: { workflow_id } }, active);
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(active, span), carrier);
  const given = headers.get('traceparent') ?? '';
  try {
    const submitted = await run(carrier.traceparent ?? (TRACEPARENT.test(given) ? given : undefined));
    span.setAttribute('task_id', submitted.task.task_id);
    return submitted;
  } catch (error) {
    // not the message: it may quote what was asked for
    span.setStatus({ code: SpanStatusCode.ERROR, message: HeuristError.isInstance(error) ? error.code : 'failed' });
    throw error;
  } finally {
    span.end();
  }
}

/** Records how long a task waited for a miner. */
export function traceWait(
  task: Pick<TaskRecord, 'task_id' | 'workflow_id' | 'attempt' | 'created_at' | 'history' | 'traceparent'>,
  miner_id: string,
): void {
  const { task_id, workflow_id, attempt, traceparent, history, created_at } = task;
  // claims make no spans of their own
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  const startTime = new Date(history.at(-1)?.ended_at ?? created_at);
  const attributes = { task_id, workflow_id, attempt, miner_id };
  tracer().startSpan('wait for miner', { startTime, attributes }, parent).end();
}

/**
 * Records an attempt to deliver a webhook. What it sends is not traced itself: the address may be a secret.
 *
 * @param send - throws if it was not delivered
 */
export async function traceDelivery(
  { task_id, traceparent }: Pick<TaskRecord, 'task_id' | 'traceparent'>,
  send: () => Promise<void>,
): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  const span = tracer().startSpan('deliver webhook', { kind: SpanKind.PRODUCER, attributes: { task_id } }, parent);
  try {
    await untraced(send);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
    throw error;
  } finally {
    span.end();
  }
}
