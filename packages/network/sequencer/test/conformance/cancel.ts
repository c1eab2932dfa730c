import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Cancels and timeouts. */
export function testCancel(): void {
  describe('cancel', () => {
    test('a waiting task is never handed out', async () => {
      const { json } = await network.create();
      expect((await network.cancel(json.task_id)).json).toEqual({ task_id: json.task_id, msg: 'canceled' });
      expect((await network.query(json.task_id)).status).toBe('canceled');
      expect((await network.claim()).task_id).toBeNull();
    });

    test('a running task: its miner is told to stop, and its result is refused', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.cancel(json.task_id);
      expect((await network.heartbeat(task.lease_id)).json).toEqual({ cancel: true });
      expect((await network.submit(task.lease_id, { artifact_ids: [artifact_id] })).status).toBe(409);
      expect((await network.query(json.task_id)).status).toBe('canceled');
    });

    test('its miner hears of it at once if it waits for news, whichever of its tasks it is', async () => {
      const [first, second] = [await network.create(), await network.create()];
      const [one, two] = [await network.claim(), await network.claim()];
      await network.database.query(
        `UPDATE heurist.task SET claimed_at = now() - interval '40 seconds' WHERE status = 'running'`,
      );
      const { answer } = await network.holdHeartbeats([one, two].map(({ lease_id }) => ({ lease_id })));
      const start = performance.now();
      await network.cancel(second.json.task_id);
      expect((await answer).json.results).toEqual([
        { cancel: false, heartbeat_seconds: expect.any(Number) },
        { cancel: true },
      ]);
      expect(performance.now() - start).toBeLessThan(5000);
      expect((await network.query(first.json.task_id)).status).toBe('running');
    });

    test('an ended task stays as it is, and the answer says so', async () => {
      const { json } = await network.create();
      await network.cancel(json.task_id);
      expect((await network.cancel(json.task_id)).json.msg).toContain('already ended (canceled)');
    });

    test('timeout_seconds ends a waiting task', async () => {
      const { json } = await network.create({ timeout_seconds: 0.2 });
      await expect
        .poll(() => network.query(json.task_id), { timeout: 4000 })
        .toMatchObject({
          status: 'failed',
          error: { code: 'task_timeout' },
        });
      expect((await network.claim()).task_id).toBeNull();
    });
  });
}
