import { untraced } from '@heurist/server-kit/untraced';
import { TraceFlags, trace } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { routeOf } from './count-requests.ts';

/** What comes all the time, whether or not there is work: health checks, scrapes, polls and heartbeats. */
const CONSTANT = new Set([
  '/healthz',
  '/livez',
  '/readyz',
  '/metrics',
  '/miner_heartbeat',
  '/miner_heartbeats',
  '/miner_request',
  '/resource_request',
  '/network_status',
  '/task_result_query',
  '/tasks_query',
]);

/** Middleware that keeps these out of traces: else an idle network would export more than a busy one. */
export const leaveUntraced: MiddlewareHandler = (c, next) => {
  if (!CONSTANT.has(routeOf(c) ?? '')) return next();
  // an instrumented server has begun its span before it knows the route: it is not exported
  const span = trace.getActiveSpan()?.spanContext();
  if (span) span.traceFlags &= ~TraceFlags.SAMPLED;
  return untraced(next);
};
