// The reference client from npm, unchanged: every call that it has, against our sequencer.
import { Heurist } from 'heurist-reference';
import { UpscalerTask } from 'heurist-reference/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { echoWorkflow, type Network, startNetwork } from './support/network.ts';

const upscaler = { ...echoWorkflow('upscaler', 'upscaler'), parameters: z.strictObject({ image: z.string() }) };
let network: Network;
let heurist: Heurist;
beforeAll(async () => {
  network = await startNetwork({ workflows: [upscaler] });
  heurist = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
});
afterAll(() => network.stop());

const task = () => new UpscalerTask({ image_url: 'https://example.com/cat.png' } as never);
const workflow_ids = ['upscaler'];

test('submit, query, wait', async () => {
  const wait = heurist.workflow.executeWorkflowAndWaitForResult(task() as never, 20_000, 1000);
  const claimed = await network.claim({ workflow_ids, wait_seconds: 10 });
  expect(await heurist.workflow.queryTaskResult(claimed.task_id)).toMatchObject({ status: 'running' });
  const { artifact_id } = await network.upload(claimed.lease_id, 'picture');
  await network.submit(claimed.lease_id, { artifact_ids: [artifact_id] });
  const result = (await wait) as { status: string; result: string };
  expect(result.status).toBe('finished');
  expect(await (await fetch(result.result)).text()).toBe('picture');
});

test('cancel, and the request for a miner', async () => {
  const task_id = await heurist.workflow.executeWorkflow(task() as never);
  expect(await heurist.workflow.cancelTask(task_id)).toEqual({ task_id, msg: 'canceled' });
  expect(await heurist.workflow.resourceRequest('acme', 'upscaler', 'upscaler' as never)).toBe('any');
});

test('the legacy form of the key', async () => {
  const legacy = new Heurist({ apiKey: network.consumer.replace('#', '-'), workflowURL: network.url });
  await expect(legacy.workflow.executeWorkflow(task() as never)).resolves.toMatch(/^[0-9a-f-]{36}$/);
});

test('errors arrive with their message', async () => {
  const wrong = new Heurist({ apiKey: 'acme#wrong', workflowURL: network.url });
  await expect(wrong.workflow.executeWorkflow(task() as never)).rejects.toMatchObject({
    message: expect.stringContaining('not valid'),
    errorDetails: { status_code: 401, error_type: 'client_error' },
  });
});
