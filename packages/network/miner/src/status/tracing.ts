import { type Attributes, type Context, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';

// Spans go to whatever OpenTelemetry SDK the operator has loaded; without one, all of this does nothing. Asked for anew
// each time: there may be two copies of the API, and the one here may have been loaded before the SDK.
const tracer = () => trace.getTracer('@heurist/miner');

/** The trace that the spans of a task belong to. */
export function traceOf({ traceparent }: { traceparent?: string | undefined }): Context {
  return propagation.extract(context.active(), { traceparent });
}

/** Records a call as a span, with its failure if it fails. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  run: () => Promise<T>,
  parent: Context = context.active(),
): Promise<T> {
  return await tracer().startActiveSpan(name, { attributes }, parent, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
}
