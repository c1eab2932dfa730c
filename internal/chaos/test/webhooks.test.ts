import { randomBytes } from 'node:crypto';
import type { WorkflowTaskResult } from '@heurist/core';
import { signWebhook } from '@heurist/core/webhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkWebhooks, type Receiver, startReceiver } from '../src/verdict/webhooks.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const output = {
  url: 'http://x/1',
  kind: 'image',
  content_type: 'image/png',
  bytes: 1,
  sha256: 'aa',
  filename: 'a.png',
};
const result = { task_id: 'a', status: 'finished', outputs: [output] } as object as WorkflowTaskResult;
const asked = { task_id: 'a', asksWebhook: true, result };

let receiver: Receiver;
beforeEach(async () => {
  // no acknowledgement is lost
  receiver = await startReceiver(new Map([['owner', secret]]), () => 1);
});
afterEach(() => receiver.stop());

async function send(
  data: WorkflowTaskResult,
  { id = 'id', key = secret, seconds = 0, type = `task.${data.status}` } = {},
) {
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  const timestamp = Math.floor(Date.now() / 1000) + seconds;
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': `${timestamp}`,
    'webhook-signature': await signWebhook(id, timestamp, body, key),
  };
  await fetch(receiver.urlOf('owner'), { method: 'POST', headers, body });
}

const problems = () => checkWebhooks([asked], receiver.arrivals);

test('true webhooks, one of them twice, with URLs signed at different times', async () => {
  await send(result);
  await send({ ...result, outputs: [{ ...output, url: 'http://x/2' }] } as object as WorkflowTaskResult);
  expect(problems()).toEqual([]);
});

test.each<[string, () => Promise<void>, string]>([
  ['none', async () => {}, 'never came'],
  ['another secret', () => send(result, { key: `whsec_${randomBytes(32).toString('base64')}` }), 'does not verify'],
  ['a clock that is 20 minutes wrong', () => send(result, { seconds: -1200 }), 'does not verify'],
  ['another status', () => send({ ...result, status: 'failed' }), 'says task.failed'],
  ['a type that its status contradicts', () => send(result, { type: 'task.failed' }), 'says task.failed'],
  [
    'another output',
    () => send({ ...result, outputs: [{ ...output, sha256: 'bb' }] } as object as WorkflowTaskResult),
    'says task.finished',
  ],
  ['no output', () => send({ ...result, outputs: [] }), 'says task.finished'],
  ['several ids', () => send(result).then(() => send(result, { id: 'other' })), 'several ids'],
  ['one id for two tasks', () => send(result).then(() => send({ ...result, task_id: 'b' })), 'several tasks'],
])('%s is noticed', async (_, deed, problem) => {
  await deed();
  expect(problems().join('\n')).toContain(problem);
});

test('a webhook that nobody asked for is noticed; a task that has not ended needs none', async () => {
  expect(checkWebhooks([{ task_id: 'a', asksWebhook: true }], [])).toEqual([]);
  await send(result);
  expect(checkWebhooks([{ ...asked, asksWebhook: false }], receiver.arrivals)).toHaveLength(1);
});
