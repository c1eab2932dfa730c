import { HeuristError } from '@heurist/core';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

// Spans go to whatever OpenTelemetry SDK the operator has loaded; without one, all of this does nothing. Asked for anew
// each time: there may be two copies of the API, and the one here may have been loaded before the SDK.
const tracer = () => trace.getTracer('@heurist/miner');

/** The trace that the spans of a task belong to. */
export function traceOf({ traceparent }: { traceparent?: string | undefined }): Context {
  try {
    return propagation.extract(context.active(), { traceparent });
  } catch {
    return context.active();
  }
}

/** Records a call as a span, with its failure if it fails. A trace that cannot be kept fails no task. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  run: () => Promise<T>,
  parent: Context = context.active(),
): Promise<T> {
  let running: Promise<T> | undefined;
  const begin = (span?: Span) => {
    running ??= observed(run, span);
    return running;
  };
  try {
    return await tracer().startActiveSpan(name, { attributes }, parent, begin);
  } catch {
    // its own failure, if it has begun
    return await begin();
  }
}

async function observed<T>(run: () => Promise<T>, span: Span | undefined): Promise<T> {
  try {
    return await run();
  } catch (error) {
    attempt(() => span?.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) }));
    throw error;
  } finally {
    attempt(() => span?.end());
  }
}

/** Not the message: it may quote what was asked for. */
const codeOf = (error: unknown) => (HeuristError.isInstance(error) ? error.code : 'failed');

function attempt(record: () => void): void {
  try {
    record();
  } catch {
    // there is no trace of it then
  }
}
