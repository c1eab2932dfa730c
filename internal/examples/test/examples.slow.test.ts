// Each example, copied out of the clone: installed from a registry of this machine, built, run on a local network, and looked at as
// its user would.
import { listExamples } from '@heurist/release/example';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../src/check-examples.ts';
import { tryBatch } from './examples/batch.ts';
import { tryBrowser } from './examples/browser.ts';
import { tryGpuMiner } from './examples/gpu-miner.ts';
import { tryHonoWebhooks } from './examples/hono-webhooks.ts';
import { tryNextjs } from './examples/nextjs.ts';
import { tryNodeScript } from './examples/node-script.ts';
import { tryOwnWorkflow } from './examples/own-workflow.ts';
import { type Stage, startStage } from './examples/stage.ts';
import { tryTesting } from './examples/testing.ts';

const tries: Record<string, (stage: Stage) => Promise<void>> = {
  'node-script': tryNodeScript,
  'hono-webhooks': tryHonoWebhooks,
  testing: tryTesting,
  'own-workflow': tryOwnWorkflow,
  browser: tryBrowser,
  nextjs: tryNextjs,
  'gpu-miner': tryGpuMiner,
  batch: tryBatch,
};

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 300_000);
afterAll(() => stage?.close());

test.each(Object.entries(tries))('%s', (_, attempt) => attempt(stage), 900_000);

test('there is no other example', () => {
  expect(listExamples(root).toSorted()).toEqual(Object.keys(tries).toSorted());
});
