import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, expect, test } from 'vitest';
import { untraced } from './untraced.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
afterAll(async () => {
  await provider.shutdown();
  for (const api of [trace, context, propagation]) api.disable();
});

const span = (name: string) => trace.getTracer('test').startActiveSpan(name, (span) => span.end());
const names = () => exporter.getFinishedSpans().map(({ name }) => name);

test('no spans are made in it, also later and in what it has begun', async () => {
  let timer: Promise<void> | undefined;
  const result = await untraced(async () => {
    span('at once');
    timer = new Promise((resolve) =>
      setTimeout(() => {
        span('in a timer');
        resolve();
      }, 1),
    );
    await Promise.resolve();
    span('after a wait');
    return 'done';
  });
  await timer;
  span('outside');
  expect([result, names()]).toEqual(['done', ['outside']]);
});

test('its own failure is thrown once; an SDK that fails changes nothing', () => {
  let runs = 0;
  const fail = () => {
    runs++;
    throw new Error('own');
  };
  expect(() => untraced(fail)).toThrow('own');
  expect(runs).toBe(1);
  context.disable();
  const broken = () => {
    throw new Error('SDK');
  };
  const manager = { active: broken, with: broken, bind: broken, enable: broken, disable() {} };
  context.setGlobalContextManager(manager as never);
  expect(untraced(() => 7)).toBe(7);
});
