import { describe, expect, test } from 'vitest';
import { clock, logged, network } from './shared.ts';

/** Metrics and the log. */
export function testMetrics(): void {
  describe('metrics', () => {
    const scrape = async (key?: string) => {
      const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
      return await fetch(`${network.url}/metrics`, { headers });
    };

    test('are for operators, in the text format of Prometheus', async () => {
      const operator = await network.sequencer.createKey('operator', 'watcher');
      await network.create();
      await network.create();
      await network.claim();
      const response = await scrape(operator);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const text = await response.text();
      expect(text).toMatch(/^heurist_tasks_waiting\{workflow_id="echo"\} 1$/m);
      expect(text).toMatch(/^heurist_tasks_running\{workflow_id="echo"\} 1$/m);
      expect(text).toMatch(/^heurist_oldest_waiting_seconds\{workflow_id="echo"\} 0\.\d+$/m);
      expect(text).toMatch(/^heurist_miners\{state="busy"\} 1$/m);
      // each line is a comment, or a name, labels and a number
      const line = /^(# (HELP|TYPE) heurist_\w+ .+|heurist_\w+\{(\w+="[^"]*",?)+\} [\d.e+-]+)$/;
      expect(
        text
          .trimEnd()
          .split('\n')
          .filter((row) => !line.test(row)),
      ).toEqual([]);
    });

    test('include waiting times, ten seconds old at most', async () => {
      const operator = await network.sequencer.createKey('operator', 'watcher');
      await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      clock.skip(10_001);
      const pattern = /^heurist_queue_seconds\{workflow_id="echo",quantile="0.99"\} \d/m;
      await expect.poll(async () => await (await scrape(operator)).text(), { timeout: 15_000 }).toMatch(pattern);
    });

    test('the log has ids and codes, but no keys and no parameters', async () => {
      const details = { parameters: { text: 'a secret wish' } };
      const { json } = await network.create({ task_details: details });
      await network.create({ task_details: { parameters: { text: 5, wish: 'a secret wish' } } });
      await network.call('task_result_query', { task_id: json.task_id, api_key: `${network.api_key}x` });
      const { lease_id } = await network.claim();
      await network.heartbeat(lease_id, { percent: 10 });
      await network.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'a secret wish' } });
      expect(logged.filter((line) => line.includes(json.task_id)).length).toBeGreaterThanOrEqual(3);
      for (const secret of ['secret wish', network.api_key, network.rig.split('#')[1]!, lease_id])
        expect(logged.join('\n')).not.toContain(secret);
    });

    test('and for nobody else', async () => {
      for (const key of [undefined, 'watcher#wrong']) expect((await scrape(key)).status).toBe(401);
      for (const key of [network.consumer, network.rig]) expect((await scrape(key)).status).toBe(403);
    });
  });
}
