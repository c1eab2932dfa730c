import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Hono } from 'hono';
import { afterAll, afterEach, expect, test } from 'vitest';
import { leaveUntraced } from './leave-untraced.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
afterEach(() => exporter.reset());
afterAll(async () => {
  await provider.shutdown();
  for (const api of [trace, context, propagation]) api.disable();
});

const app = new Hono();
app.use(leaveUntraced);
for (const path of ['/healthz', '/miner_heartbeat', '/task_create', '/artifacts/:id'])
  app.all(path, (c) => {
    trace.getTracer('database').startSpan('query').end();
    return c.text('');
  });

/** A request to a server whose requests are instrumented: what is exported of it. */
async function spansOf(path: string): Promise<string[]> {
  const span = trace.getTracer('server').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), () => app.request(path, { method: 'POST' }));
  span.end();
  return exporter.getFinishedSpans().map(({ name }) => name);
}

test.each(['/healthz', '/miner_heartbeat'])('%s leaves no spans', async (path) => {
  expect(await spansOf(path)).toEqual([]);
});

test.each(['/task_create', '/artifacts/x', '/artifacts/healthz'])('%s leaves its own and those below', async (path) => {
  expect(await spansOf(path)).toEqual(['query', 'request']);
});
