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
      expect(text).toMatch(/^heurist_kept_bytes \d+$/m);
      expect(text).toMatch(/^heurist_storage_free_bytes [\d.e+]+$/m);
      // nobody knows yet, and 0 would mean that the storage is full
      expect(text).not.toMatch(/^heurist_storage_seconds_left/m);
      // each line is a comment, or a name, labels and a number
      const line = /^(|# (HELP|TYPE) heurist_\w+ .+|heurist_\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/;
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

    /** The values of the counters, each with its labels. */
    const count = async () => {
      const operator = await network.sequencer.createKey('operator', 'watcher');
      const text = await (await scrape(operator)).text();
      return new Map(text.split('\n').map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.split(' ').at(-1))]));
    };

    test('count what happens here: submits, claims, heartbeats, ends, bytes and requests', async () => {
      const before = await count();
      await network.create();
      await network.create({ job_id: 'twice' });
      await network.create({ job_id: 'twice' });
      const { lease_id } = await network.claim();
      await network.heartbeat(lease_id);
      const { artifact_id } = await network.upload(lease_id, 'ten bytes!');
      const report = { artifact_ids: [artifact_id], upload_latency: 2, load_latency: 3 };
      await network.submit(lease_id, report);
      // a repeat counts once
      await network.submit(lease_id, report);
      await network.heartbeat(lease_id);
      const second = await network.claim();
      await network.submit(second.lease_id, { success: false, error: { code: 'made_up', message: 'x' } });
      const third = await network.create();
      await network.cancel(third.json.task_id);
      await network.claim();
      await fetch(`${network.url}/artifacts/${artifact_id}`);
      await fetch(`${network.url}/nothing/${artifact_id}`);
      const after = await count();
      const grown = (line: string) => (after.get(line) ?? 0) - (before.get(line) ?? 0);
      expect({
        submitted: grown('heurist_tasks_submitted_total{workflow_id="echo"}'),
        finished: grown('heurist_tasks_ended_total{workflow_id="echo",outcome="finished"}'),
        failed: grown('heurist_tasks_ended_total{workflow_id="echo",outcome="failed"}'),
        canceled: grown('heurist_tasks_ended_total{workflow_id="echo",outcome="canceled"}'),
        codes: grown('heurist_failures_total{code="other"}'),
        queued: grown('heurist_task_queue_seconds_count{workflow_id="echo"}'),
        run: grown('heurist_task_run_seconds_count{workflow_id="echo"}'),
        upload: grown('heurist_task_upload_seconds_sum{workflow_id="echo"}'),
        load: grown('heurist_task_load_seconds_sum{workflow_id="echo"}'),
        claims: grown('heurist_claims_total{outcome="task"}'),
        none: grown('heurist_claims_total{outcome="none"}'),
        renewed: grown('heurist_heartbeats_total{outcome="renewed"}'),
        refused: grown('heurist_heartbeats_total{outcome="refused"}'),
        stored: grown('heurist_stored_bytes_total{kind="output"}'),
        submits: grown('heurist_http_requests_total{method="POST",route="/task_create",status="200"}'),
        files: grown('heurist_http_requests_total{method="GET",route="/artifacts/:id",status="403"}'),
        unknown: grown('heurist_http_requests_total{method="GET",route="other",status="404"}'),
      }).toEqual({
        submitted: 3,
        finished: 1,
        failed: 1,
        canceled: 1,
        codes: 1,
        queued: 2,
        run: 1,
        upload: 2,
        load: 3,
        claims: 2,
        none: 1,
        renewed: 1,
        refused: 1,
        stored: 10,
        submits: 4,
        files: 1,
        unknown: 1,
      });
      for (const direction of ['received', 'sent'])
        expect(grown(`heurist_${direction}_bytes_total`)).toBeGreaterThan(1000);
    });

    test('count attempts to deliver a webhook', async () => {
      const before = await count();
      await network.create({ webhook_url: 'http://127.0.0.1:9/nobody' });
      await network.cancelAll();
      const failed = 'heurist_webhook_deliveries_total{outcome="failed"}';
      await expect
        .poll(async () => (await count()).get(failed), { timeout: 10_000 })
        .toBe((before.get(failed) ?? 0) + 1);
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
