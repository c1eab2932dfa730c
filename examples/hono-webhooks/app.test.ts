import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Heurist } from '@heurist/core';
import { signWebhook } from '@heurist/core/webhooks';
import { createTestSequencer, WEBHOOK_SECRET } from '@heurist/test-kit';
import { Text2ImageTask } from '@heurist/text2image';
import { createApp } from './app.ts';

const folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
const sequencer = await createTestSequencer();
const heurist = new Heurist(sequencer.options);
const app = createApp({ heurist, secret: WEBHOOK_SECRET, publicUrl: 'http://127.0.0.1:1', folder });
after(async () => {
  await sequencer.close();
  rmSync(folder, { recursive: true });
});

/** A webhook as the network sends it when a picture is finished. */
async function webhook(id: string, at = Date.now()): Promise<{ body: string; headers: Record<string, string> }> {
  const task_id = await heurist.workflow.executeWorkflow(new Text2ImageTask({ prompt: 'a red apple' }));
  const data = await heurist.workflow.task(task_id).wait();
  const body = JSON.stringify({ type: 'task.finished', timestamp: new Date(at).toISOString(), data });
  const timestamp = Math.floor(at / 1000);
  const signature = await signWebhook(id, timestamp, body, WEBHOOK_SECRET);
  return {
    body,
    headers: { 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature },
  };
}

const receive = async (request: RequestInit) => {
  const { status } = await app.request('/hooks/heurist', { method: 'POST', ...request });
  return { status, saved: readdirSync(folder).length };
};

test('a webhook that comes twice is handled once', async (t) => {
  const said = t.mock.method(console, 'log', () => {});
  const request = await webhook('msg_1');
  assert.deepEqual(await receive(request), { status: 204, saved: 1 });
  assert.deepEqual(await receive(request), { status: 204, saved: 1 });
  assert.equal(said.mock.callCount(), 1);
});

test('one that was recorded and is replayed later is refused', async () => {
  const request = await webhook('msg_2', Date.now() - 10 * 60_000);
  assert.deepEqual(await receive(request), { status: 400, saved: 1 });
});

test('so is one with a new id or another body: the signature covers both', async () => {
  const { body, headers } = await webhook('msg_3');
  assert.equal((await receive({ body, headers: { ...headers, 'webhook-id': 'msg_4' } })).status, 400);
  assert.equal((await receive({ body: body.replace('finished', 'failed'), headers })).status, 400);
});

test('a network that says no: the caller is told in a sentence', async () => {
  await sequencer.inject('unauthorized');
  const reply = await app.request('/draw', { method: 'POST', body: JSON.stringify({ prompt: 'a red apple' }) });
  assert.equal(reply.status, 502);
  assert.match((await reply.json()).error, /key/);
});
