// One trace, from the call of the SDK through queue and miner to the upload, with the SDK of OpenTelemetry itself.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist, WorkflowTask } from '@heurist/core';
import { createEngine, type Engine } from '@heurist/engine';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { paint } from '@heurist/test-servers/workflows';
import { context, propagation, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMiner } from '../src/index.ts';

class PaintTask extends WorkflowTask {
  readonly task_type = 'paint';
  get task_details() {
    return { parameters: { color: 7 } };
  }
}

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const folder = mkdtempSync(join(tmpdir(), 'tracing-'));
let engine: Engine;
let sequencer: Sequencer;
let url: string;
let stopInstruments: () => void;
beforeAll(async () => {
  provider.register();
  stopInstruments = registerInstrumentations({
    instrumentations: [new UndiciInstrumentation()],
    tracerProvider: provider,
  });
  engine = await createEngine({ dataDir: join(folder, 'engine') });
  sequencer = await createSequencer({
    database: await openDatabase(await prepareDataFolder(join(folder, 'database'))),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: [paint],
  });
  url = await sequencer.listen();
});
afterAll(async () => {
  await sequencer?.close();
  await engine?.close();
  await provider.shutdown();
  stopInstruments();
  for (const api of [trace, context, propagation]) api.disable();
  rmSync(folder, { recursive: true, force: true });
});

test('a task is one trace', async () => {
  const key = await sequencer.createKey('miner', 'rig');
  const miner = createMiner({ sequencer: url, key, comfyui: engine.url, workflows: [paint] });
  await miner.start();
  const heurist = new Heurist({ apiKey: await sequencer.createKey('consumer', 'acme'), workflowURL: url });
  const root = await trace.getTracer('app').startActiveSpan('make a picture', async (span) => {
    await heurist.workflow.run(new PaintTask());
    span.end();
    return span.spanContext().traceId;
  });
  await miner.stop();
  const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === root);
  const names = spans.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'make a picture',
      'POST',
      'submit task',
      'wait for miner',
      'run task',
      'fetch inputs',
      'run graph',
      'deliver outputs',
      'PUT',
    ]),
  );
  // each belongs to another of the same trace
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const orphans = spans.filter(({ parentSpanContext }) => parentSpanContext && !ids.has(parentSpanContext.spanId));
  expect(orphans.map(({ name }) => name)).toEqual([]);
  // ids and counts only: nothing of what was asked for
  const attributes = spans.filter(({ name }) => !/^[A-Z]+$/.test(name)).flatMap((span) => Object.keys(span.attributes));
  expect(new Set(attributes)).toEqual(new Set(['workflow_id', 'task_id', 'attempt', 'miner_id', 'outputs']));
});
