import { type TracerProvider, trace } from '@opentelemetry/api';

/** How long the receiver of traces may keep a command that is done. */
const LIMIT_MS = 3000;

interface Flushing extends TracerProvider {
  getDelegate?: () => TracerProvider;
  forceFlush?: () => Promise<void>;
}

/**
 * Sends what the OpenTelemetry SDK of the operator, if one is loaded, has gathered: it sends batches every few seconds, and a short
 * command ends before the first. A receiver that is away or slow changes nothing.
 */
export async function flushTraces(limitMs = LIMIT_MS): Promise<void> {
  try {
    const global: Flushing = trace.getTracerProvider();
    const provider: Flushing = global.getDelegate?.() ?? global;
    const limit = Promise.withResolvers<void>();
    const late = setTimeout(limit.resolve, limitMs);
    await Promise.race([provider.forceFlush?.(), limit.promise]);
    clearTimeout(late);
  } catch {
    // there are no traces then
  }
}
