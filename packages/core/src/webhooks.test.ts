import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signWebhook, verifyWebhook, type WebhookRequest } from './webhooks.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const event = { type: 'task.finished', timestamp: '2026-01-01T00:00:00Z', data: { task_id: 'a', status: 'finished' } };
const body = JSON.stringify(event);
const now = () => Math.floor(Date.now() / 1000);

async function message({ id = 'msg', timestamp = now(), text = body, key = secret } = {}) {
  const signature = await signWebhook(id, timestamp, text, key);
  return {
    body: text,
    headers: { 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature },
  };
}

test('what we sign is good for the library of the scheme, and what it signs for us', async () => {
  const { headers } = await message();
  expect(new Webhook(secret).verify(body, headers)).toEqual(event);
  const at = new Date();
  const theirs = new Webhook(secret).sign('other', at, body);
  const given = {
    'webhook-id': 'other',
    'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`,
    'webhook-signature': theirs,
  };
  expect(await verifyWebhook({ headers: given, body }, secret)).toEqual(event);
});

test('headers of fetch, and one good signature among others', async () => {
  const { headers } = await message();
  const both = { ...headers, 'webhook-signature': `v1,AAAA v2,xyz v1 ${headers['webhook-signature']}` };
  expect(await verifyWebhook({ headers: new Headers(both), body }, secret)).toEqual(event);
});

const MISMATCH = /^The signature does not match\. Check the secret/;
const MISSING = /^Missing header: webhook-id, webhook-timestamp or webhook-signature\.$/;
const UNKNOWN = /^Unknown webhook payload\./;
test.each<[string, () => Promise<WebhookRequest>, RegExp]>([
  ['another body', async () => ({ ...(await message()), body: body.replace('finished', 'failed') }), MISMATCH],
  ['the same, written again', async () => ({ ...(await message()), body: JSON.stringify(event, null, 1) }), MISMATCH],
  ['another id', async () => withHeader(await message(), 'webhook-id', 'forged'), MISMATCH],
  ['another time', async () => withHeader(await message(), 'webhook-timestamp', `${now() - 60}`), MISMATCH],
  ['no id', async () => withHeader(await message(), 'webhook-id', undefined), MISSING],
  ['no timestamp', async () => withHeader(await message(), 'webhook-timestamp', undefined), MISSING],
  ['no signature', async () => withHeader(await message(), 'webhook-signature', undefined), MISSING],
  ['an empty signature', async () => withHeader(await message(), 'webhook-signature', 'v1,'), MISMATCH],
  ['no base64', async () => withHeader(await message(), 'webhook-signature', 'v1,%%%'), MISMATCH],
  ['another version', async () => withHeader(await message(), 'webhook-signature', 'v9,AAAA'), MISMATCH],
  ['its own signature as another version', async () => inVersion2(await message()), MISMATCH],
  ['another secret', () => message({ key: `whsec_${randomBytes(32).toString('base64')}` }), MISMATCH],
  ['too old', () => message({ timestamp: now() - 301 }), /^The webhook is 30[12] seconds old \(accepted: 300\)/],
  ['from the future', () => message({ timestamp: now() + 302 }), /^The webhook is -30[12] seconds old/],
  ['no time', async () => withHeader(await message(), 'webhook-timestamp', 'soon'), /seconds old/],
  ['a payload of another kind', () => message({ text: '{"type":"x"}' }), UNKNOWN],
  ['an empty payload', () => message({ text: 'null' }), UNKNOWN],
  ['what is not JSON', () => message({ text: 'no' }), UNKNOWN],
])('refuses %s', async (_, make, text) => {
  await expect(verifyWebhook(await make(), secret)).rejects.toMatchObject({
    code: 'invalid_signature',
    message: expect.stringMatching(text),
  });
});

test.each([299, -299])('accepts a webhook of %i seconds ago', async (age) => {
  expect(await verifyWebhook(await message({ timestamp: now() - age }), secret)).toEqual(event);
});

test('a header that came twice counts once', async () => {
  const { headers } = await message();
  const twice = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value!, 'other']]));
  expect(await verifyWebhook({ headers: twice, body }, secret)).toEqual(event);
});

test('a secret that is none is told of as such', async () => {
  for (const wrong of ['', 'whsec_', 'secret', 'whsec_%%'])
    await expect(verifyWebhook(await message(), wrong)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: 'The webhook secret must be whsec_ and base64. Get it with heurist.workflow.webhookSecret().',
    });
});

test('the window can be wider', async () => {
  const old = await message({ timestamp: now() - 1000 });
  expect(await verifyWebhook(old, secret, { toleranceSeconds: 2000 })).toEqual(event);
});

function inVersion2(from: Awaited<ReturnType<typeof message>>) {
  return withHeader(from, 'webhook-signature', from.headers['webhook-signature']!.replace('v1', 'v2'));
}

function withHeader(from: Awaited<ReturnType<typeof message>>, name: string, value: string | undefined) {
  return { ...from, headers: { ...from.headers, [name]: value } };
}
