import { createServer, type Server } from 'node:http';
import { Heurist } from '@heurist/core';
import { verifyWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { network, sleep } from './shared.ts';

/** Webhooks. */
export function testWebhooks(): void {
  describe('webhooks', () => {
    const received: { event: WebhookEvent; id: string }[] = [];
    let answer: () => number = () => 200;
    let receiver: Server;
    let webhook_url: string;
    beforeAll(async () => {
      const secret = await new Heurist({ apiKey: network.consumer, workflowURL: network.url }).workflow.webhookSecret();
      receiver = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString();
        const status = answer();
        if (status === 200) {
          const event = await verifyWebhook({ headers: request.headers, body }, secret);
          received.push({ event, id: `${request.headers['webhook-id']}` });
        }
        response.writeHead(status).end();
      });
      webhook_url = `${await listen(receiver, 0, '127.0.0.1')}/hook`;
    });
    afterAll(() => receiver.close());
    const told = (task_id: string) => received.find(({ id }) => id.startsWith(task_id))?.event;

    test('the end of a task is sent, signed, with URLs that work', async () => {
      const { json } = await network.create({ webhook_url });
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id, 'made');
      expect(told(json.task_id)).toBeUndefined();
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      await expect
        .poll(() => told(json.task_id), { timeout: 5000 })
        .toMatchObject({
          type: 'task.finished',
          timestamp: expect.stringMatching(/Z$/),
          data: { task_id: json.task_id, status: 'finished', outputs: [{ filename: 'out.txt' }] },
        });
      expect(await (await fetch(told(json.task_id)!.data.result)).text()).toBe('made');
    });

    test('so is a failure, and a cancel', async () => {
      const { json } = await network.create({ webhook_url });
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'execution_failed', message: 'no' } });
      const { json: other } = await network.create({ webhook_url });
      await network.cancel(other.task_id);
      await expect.poll(() => told(json.task_id)?.type, { timeout: 5000 }).toBe('task.failed');
      await expect.poll(() => told(other.task_id)?.type, { timeout: 5000 }).toBe('task.canceled');
    });

    test('a message that is refused is sent again, and one that is accepted is not', async () => {
      let attempts = 0;
      answer = () => (attempts++ ? 200 : 503);
      const { json } = await network.create({ webhook_url });
      await network.cancel(json.task_id);
      const state = async () => {
        const query = 'SELECT state, last_error, next_at > now() AS is_later FROM heurist.webhook WHERE task_id = $1';
        return (await network.database.query(query, [json.task_id]))[0];
      };
      const failed = { state: 'waiting', last_error: 'The receiver answered 503.', is_later: true };
      await expect.poll(state, { timeout: 5000 }).toEqual(failed);
      await network.database.query('UPDATE heurist.webhook SET next_at = now() WHERE task_id = $1', [json.task_id]);
      await expect.poll(async () => (await state()).state, { timeout: 5000 }).toBe('delivered');
      expect(told(json.task_id)?.type).toBe('task.canceled');
      // what is delivered is never claimed again; a sweep later it still came once
      await sleep(700);
      expect(received.filter(({ id }) => id.startsWith(json.task_id))).toHaveLength(1);
    });

    test('a receiver that is gone is not called again; its dead letter is listed for its consumer only', async () => {
      answer = () => 410;
      const { json } = await network.create({ webhook_url });
      await network.cancel(json.task_id);
      const dead = async (key: string) => (await network.call('network_status', {}, key)).json.dead_webhooks;
      await expect
        .poll(() => dead(network.consumer), { timeout: 5000 })
        .toEqual([
          { task_id: json.task_id, url: webhook_url, attempts: 1, last_error: expect.stringContaining('410') },
        ]);
      expect(await dead(await network.sequencer.createKey('consumer', 'nosy'))).toEqual([]);
      answer = () => 200;
    });

    test.each(['ftp://x', 'nonsense', 'http://me:secret@example.com/', 'javascript:alert(1)'])(
      'a URL that cannot be called is refused: %s',
      async (address) => {
        const { status, json } = await network.create({ webhook_url: address });
        expect([status, json.message]).toEqual([400, expect.stringContaining('webhook_url')]);
      },
    );

    test('each consumer has a secret of its own', async () => {
      const other = await network.sequencer.createKey('consumer', 'elsewhere');
      const secret = async (key: string) => (await network.call('webhook_secret', {}, key)).json.secret;
      expect(await secret(network.consumer)).toMatch(/^whsec_[\w+/]{43}=$/);
      expect(await secret(other)).not.toBe(await secret(network.consumer));
      expect((await network.call('webhook_secret', {}, network.rig)).status).toBe(403);
    });
  });
}
