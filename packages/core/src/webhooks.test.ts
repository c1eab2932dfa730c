import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from './webhooks.ts';

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

test.each([
  ['another body', async () => ({ ...(await message()), body: body.replace('finished', 'failed') })],
  ['the same, written again', async () => ({ ...(await message()), body: JSON.stringify(event, null, 1) })],
  ['another id', async () => withHeader(await message(), 'webhook-id', 'forged')],
  ['another time', async () => withHeader(await message(), 'webhook-timestamp', `${now() - 60}`)],
  ['no signature', async () => withHeader(await message(), 'webhook-signature', undefined)],
  ['an empty signature', async () => withHeader(await message(), 'webhook-signature', 'v1,')],
  ['no base64', async () => withHeader(await message(), 'webhook-signature', 'v1,%%%')],
  ['another version', async () => withHeader(await message(), 'webhook-signature', 'v9,AAAA')],
  ['another secret', () => message({ key: `whsec_${randomBytes(32).toString('base64')}` })],
  ['too old', () => message({ timestamp: now() - 301 })],
  ['from the future', () => message({ timestamp: now() + 301 })],
  ['no time', async () => withHeader(await message(), 'webhook-timestamp', 'soon')],
  ['a message of another kind', () => message({ text: '{"type":"x"}' })],
])('refuses %s', async (_, make) => {
  await expect(verifyWebhook(await make(), secret)).rejects.toMatchObject({ code: 'invalid_signature' });
});

test('a secret that is none is told of as such', async () => {
  for (const wrong of ['', 'whsec_', 'secret', 'whsec_%%'])
    await expect(verifyWebhook(await message(), wrong)).rejects.toMatchObject({ code: 'invalid_configuration' });
});

test('the window can be wider', async () => {
  const old = await message({ timestamp: now() - 1000 });
  expect(await verifyWebhook(old, secret, { toleranceSeconds: 2000 })).toEqual(event);
});

function withHeader(from: Awaited<ReturnType<typeof message>>, name: string, value: string | undefined) {
  return { ...from, headers: { ...from.headers, [name]: value } };
}
