import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist, WorkflowTask } from '@heurist/core';
import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type LocalNetwork, startLocalNetwork } from '../src/index.ts';
import { enlarge, impossible } from './workflows.ts';

/** A picture of this width. */
const flat = (width: number, inputs: object = {}): WorkflowDefinition =>
  defineWorkflow({
    workflow_id: 'flat',
    task_type: 'flat',
    title: 'Flat',
    parameters: z.strictObject({ height: z.optional(z.number()) }),
    graph: {
      empty: { class_type: 'EmptyImage', inputs: { width, height: 8, batch_size: 1, color: 255, ...inputs } },
      save: { class_type: 'SaveImage', inputs: { images: ['empty', 0], filename_prefix: 'flat' } },
    },
    bindings: { height: { node: 'empty', input: 'height' } },
    outputs: ['save'],
  });

class AnyTask extends WorkflowTask {
  readonly task_type: string;

  constructor(task_type: string) {
    super();
    this.task_type = task_type;
  }

  readonly task_details = { parameters: {} };
}

let folder: string;
let network: LocalNetwork;
let heurist: Heurist;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replace-'));
  const dataDir = await prepareDataFolder(join(folder, 'data'));
  network = await startLocalNetwork({ workflows: [flat(8), enlarge], dataDir });
  heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

async function widthOf(task_id: string) {
  const { outputs = [], error } = await heurist.workflow.task(task_id).wait();
  expect(error).toBeUndefined();
  return (await sharp(await outputs[0]!.bytes()).metadata()).width;
}
const submit = (type: string) => heurist.workflow.executeWorkflow(new AnyTask(type));

test('a running task finishes with the old graph; those that wait, and new ones, run with the new one', async () => {
  const running = await submit('enlarge');
  const stream = heurist.workflow.task(running).wait();
  // one miner, one ComfyUI: the second waits as long as the first runs
  for (;;) if ((await heurist.workflow.queryTaskResult(running)).status !== 'waiting') break;
  const waiting = await submit('flat');
  const replaced = network.replaceWorkflows([flat(16), { ...enlarge, graph: flat(24).graph, bindings: {} }]);
  // accepted at any moment: the client tries again while nobody listens
  const submitted = submit('flat');
  await replaced;
  expect(await stream).toMatchObject({ status: 'finished', attempt: 1 });
  expect([await widthOf(running), await widthOf(waiting), await widthOf(await submitted)]).toEqual([256, 16, 16]);
  expect(await widthOf(await submit('enlarge'))).toBe(24);
  expect(network.checks).toHaveLength(2);
});

test('what cannot be served leaves the old ones', async () => {
  await expect(network.replaceWorkflows([impossible])).rejects.toThrow(/cannot run any of these workflows/);
  expect(network.checks.map(({ workflow_id }) => workflow_id)).toEqual(['flat', 'enlarge']);
  expect(await widthOf(await submit('flat'))).toBe(16);
});
