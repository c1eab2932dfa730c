import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** What consumers see of the network. */
export function testNetworkStatus(): void {
  describe('network_status', () => {
    const status = async (key = network.consumer) => (await network.call('network_status', {}, key)).json;
    const of = async (workflow_id: string) =>
      (await status()).workflows.find((workflow: { workflow_id: string }) => workflow.workflow_id === workflow_id);

    test('who runs what, what is missing, and how long the queues are', async () => {
      const before = await of('echo');
      await network.create();
      await network.create();
      const task = await network.claim({ lacks: { other: ['model file big.safetensors'] } });
      const { miners } = await status();
      const lacks = { other: ['model file big.safetensors'] };
      const rig = miners.find((miner: { miner_id: string }) => miner.miner_id === 'rig');
      expect(rig).toMatchObject({ is_busy: true, workflow_ids: expect.arrayContaining(['echo']), lacks });
      expect(await of('echo')).toMatchObject({ miners: expect.any(Number), waiting: 1, running: 1 });
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      // what was said once is remembered
      await network.claim();
      expect((await status()).miners).toContainEqual(expect.objectContaining({ miner_id: 'rig', lacks }));
      expect(await of('echo')).toMatchObject({ finished: before.finished + 1, run_ms: expect.any(Number) });
    });

    test('failures are shown to their consumer only', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'out of luck' } });
      const [failure] = (await status()).recent_failures;
      expect(failure).toMatchObject({ task_id: json.task_id, workflow_id: 'echo', error: { message: 'out of luck' } });
      const stranger = await network.sequencer.createKey('consumer', 'stranger');
      expect((await status(stranger)).recent_failures).toEqual([]);
      expect((await network.call('network_status', {}, 'stranger#wrong')).status).toBe(401);
    });
  });

  describe('what to expect', () => {
    test('a query estimates when a task will end', async () => {
      const first = await network.create();
      const task = await network.claim();
      expect(first.json.task_id).toBe(task.task_id);
      const query = `UPDATE heurist.task SET claimed_at = claimed_at - interval '20 seconds' WHERE task_id = $1`;
      await network.database.query(query, [task.task_id]);
      await network.heartbeat(task.lease_id, { percent: 50 });
      // half of it took a bit over 20 seconds
      const { eta_seconds } = await network.query(task.task_id);
      expect(eta_seconds).toBeGreaterThanOrEqual(20);
      expect(eta_seconds).toBeLessThanOrEqual(30);
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      expect((await network.query(task.task_id)).eta_seconds).toBeUndefined();
    });
  });
}
