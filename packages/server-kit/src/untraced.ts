import { context, createContextKey } from '@opentelemetry/api';

/** By this key, SDKs of OpenTelemetry know that nothing is to be traced: it is that of `suppressTracing` in `@opentelemetry/core`. */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Runs something that happens all the time, whether or not there is work: no spans are made of it, nor of what it begins. */
export function untraced<T>(run: () => T): T {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return run();
  };
  try {
    return context.with(context.active().setValue(SUPPRESSED, true), begin);
  } catch (error) {
    if (hasBegun) throw error;
    // a fault of the SDK, which must end nothing
    return run();
  }
}
