import { Heurist, WorkflowTask } from '@heurist/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ minerGraceSeconds: 0 });
});
afterAll(() => network.stop());

class Echo extends WorkflowTask {
  task_type = 'echo';
  task_details = { parameters: { text: 'hi' } };
}

test('a task that no miner can run: a warning, or a refusal with reject_if_unservable', async () => {
  const heurist = new Heurist({ apiKey: network.consumer, workflowURL: network.url });
  const { json } = await network.create();
  expect(json.warning).toMatch(/No miner.*echo/);
  await expect(heurist.workflow.executeWorkflow(new Echo(), { reject_if_unservable: true })).rejects.toMatchObject({
    code: 'unservable',
    isRetryable: false,
    message: expect.stringContaining('echo'),
  });
  // but a resend of one that was taken is answered as before
  const { json: taken } = await network.create({ job_id: 'taken' });
  const again = await network.create({ job_id: 'taken', reject_if_unservable: true });
  expect([again.status, again.json.task_id]).toEqual([200, taken.task_id]);
  await network.cancel(taken.task_id);
  // a refused task leaves nothing behind
  const { workflows } = (await network.call('network_status', {}, network.consumer)).json;
  expect(workflows.map(({ waiting }: { waiting: number }) => waiting)).toEqual([1, 0]);
  await network.claim();
  const task_id = await heurist.workflow.executeWorkflow(new Echo(), { reject_if_unservable: true });
  expect((await network.query(task_id)).warning).toBeUndefined();
});
