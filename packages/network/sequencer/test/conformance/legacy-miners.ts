import { describe, expect, test } from 'vitest';
import { type Credential, signedClient } from '../support/reference-miner.ts';
import { forgetMiners, LEASE_SECONDS, logged, network, sleep } from './shared.ts';

/** The smallest PNG: one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Uploads as a reference miner does. */
async function upload(credential: Credential, filename: string, file: Buffer = png, more: object = {}) {
  const client = signedClient(credential, { retries: 0, ...more });
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file: file.toString('base64'), filename }),
  };
  const response = await client.fetch(`${network.url}/dev/upload-video`, request);
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return { status: response.status, json: (await response.json()) as any };
}

/** Miners of the reference implementation. */
export function testLegacyMiners(): void {
  describe('reference miners, if the operator accepts them', () => {
    const legacy = { erc20_address: '0xabc', workflow_ids: ['echo'] };

    test('claim and submit as in the reference', async () => {
      const { json } = await network.create();
      const task = (await network.call('miner_request', legacy)).json;
      expect(task).toMatchObject({ task_id: json.task_id, msg: '', task_type: 'echo', workflow_id: 'echo' });
      const report = {
        success: true,
        task_id: task.task_id,
        miner_id: '0xabc',
        result: 'https://files.test/out.png',
        inference_latency: 1,
        upload_latency: 1,
        msg: '',
      };
      expect((await network.call('miner_submit', { ...report, miner_id: '0xother' })).status).toBe(409);
      const wrong = [
        'javascript:alert(1)',
        'data:text/html,x',
        'key/of/file.png',
        '',
        'https://good@evil/',
        ' https://a/',
        'https://a/\nb',
      ];
      for (const [index, result] of wrong.entries()) {
        const erc20_address = `0xbad${index}`;
        const other = (await network.create()).json.task_id;
        expect((await network.call('miner_request', { ...legacy, erc20_address })).json.task_id).toBe(other);
        const refused = { ...report, task_id: other, miner_id: erc20_address, result };
        expect((await network.call('miner_submit', refused)).status).toBe(400);
        // it submits once: whoever asks next gets the task
        expect(await network.query(other)).toMatchObject({ status: 'waiting', history: [{ code: 'upload_failed' }] });
        await network.cancel(other);
      }
      expect((await network.call('miner_submit', report)).status).toBe(200);
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'finished',
        result: 'https://files.test/out.png',
      });
    });

    const report = (task_id: string, result: string) => ({
      success: true,
      task_id,
      miner_id: '0xabc',
      result,
      inference_latency: 1,
      upload_latency: 1,
      msg: '',
    });

    test('a claim brings a credential, with which the output is stored here', async () => {
      const { json } = await network.create();
      const { task_id, credential } = (await network.call('miner_request', legacy)).json;
      expect(Object.keys(credential)).toEqual(['access_key_id', 'secret_access_key', 'session_token']);
      const name = `flux-lora/flux-lora-0xabc-${task_id}.jpg`;
      expect(await upload(credential, name)).toMatchObject({ status: 200, json: { message: 'stored' } });
      expect((await network.call('miner_submit', report(task_id, name))).status).toBe(200);
      const { status, outputs, result } = await network.query(json.task_id);
      expect(status).toBe('finished');
      // the kind is that of the content, whatever the name says
      expect(outputs).toMatchObject([
        { kind: 'image', content_type: 'image/png', filename: `flux-lora-0xabc-${task_id}.png` },
      ]);
      expect(Buffer.from(await (await fetch(result)).arrayBuffer())).toEqual(png);
      // the credential ends with its attempt
      expect((await upload(credential, name)).json.code).toBe('lease_lost');
    });

    test('a file that did not arrive here, or has another name, is not a result', async () => {
      const { json } = await network.create();
      const first = (await network.call('miner_request', legacy)).json;
      const name = `flux-lora/flux-lora-0xabc-${first.task_id}.jpg`;
      expect((await network.call('miner_submit', report(first.task_id, name))).status).toBe(400);
      expect(logged.at(-1)).toMatch(/could not deliver.*upload address must lead to this sequencer.*0xabc/);
      await forgetMiners();
      const second = (await network.call('miner_request', { ...legacy, erc20_address: '0xother' })).json;
      expect(second.task_id).toBe(json.task_id);
      await upload(second.credential, name);
      const other = { ...report(second.task_id, 'flux-lora/other.jpg'), miner_id: '0xother' };
      expect((await network.call('miner_submit', other)).status).toBe(400);
    });

    test('an upload counts only with the credential of its claim, unchanged', async () => {
      await network.create();
      const { task_id, credential, lease_id } = (await network.call('miner_request', legacy)).json;
      const name = `${task_id}.jpg`;
      const changed: [string, Partial<Credential>][] = [
        ['another secret', { secret_access_key: 'guessed' }],
        ['another key', { access_key_id: 'AKIDEXAMPLE' }],
        ['another token', { session_token: `${credential.session_token}x` }],
      ];
      for (const [what, change] of changed)
        expect([what, (await upload({ ...credential, ...change }, name)).status]).toEqual([what, 401]);
      // the lease alone says nothing: it is readable
      const bearer = { method: 'POST', headers: { 'x-amz-security-token': lease_id }, body: '{}' };
      expect((await fetch(`${network.url}/dev/upload-video`, bearer)).status).toBe(401);
      expect((await upload(credential, name, Buffer.from('no picture'))).json.message).toMatch(/not a picture/);
      expect((await upload(credential, '')).status).toBe(400);
      const large = await upload(credential, name, Buffer.concat([png, Buffer.alloc(8_000_000)]));
      expect([large.status, large.json.message]).toEqual([413, expect.stringMatching(/limit is 10000000/)]);
      expect((await upload(credential, name)).status).toBe(200);
    });

    test('they get one task at a time, and asking keeps it', async () => {
      const held = [1, 2].map(() => network.call('miner_request', { ...legacy, wait_seconds: 2 }));
      await sleep(300);
      const { json } = await network.create();
      await network.create();
      expect((await Promise.all(held)).map(({ json }) => json.task_id).filter(Boolean)).toEqual([json.task_id]);
      for (let beat = 0; beat < 3; beat++) {
        await network.ageHeartbeats(40);
        await sleep(150);
        const reply = await network.call('miner_request', legacy);
        // the reference miner looks for this word
        expect(reply).toMatchObject({ status: 200, json: { task_id: null, msg: expect.stringContaining('running') } });
      }
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 1 });
    });

    test('asking keeps a task for an hour at most: the miner may have lost it', async () => {
      const { json } = await network.create();
      await network.call('miner_request', legacy);
      const query = `UPDATE heurist.task SET claimed_at = now() - interval '1 hour' WHERE task_id = $1`;
      await network.database.query(query, [json.task_id]);
      // half of the minute that it has: a machine that stands still for a moment must not take the other half
      await network.ageHeartbeats(30);
      await network.call('miner_request', legacy);
      await network.ageHeartbeats(31);
      await expect.poll(() => network.query(json.task_id)).toMatchObject({ status: 'waiting', attempt: 1 });
    });

    test('one that asks no more loses its task after a minute', async () => {
      const { json } = await network.create();
      await network.call('miner_request', legacy);
      await network.ageHeartbeats(LEASE_SECONDS * 9);
      await sleep(1200);
      expect((await network.query(json.task_id)).attempt).toBe(1);
      await network.ageHeartbeats(LEASE_SECONDS);
      expect((await network.claim({ wait_seconds: 5 })).task_id).toBe(json.task_id);
    });

    test('the log says why they cannot deliver', async () => {
      await network.create();
      const { task_id } = (await network.call('miner_request', { ...legacy, erc20_address: '0xloud' })).json;
      const failed = { ...report(task_id, ''), miner_id: '0xloud', success: false, msg: 'Upload failed' };
      await network.call('miner_submit', failed);
      expect(logged.at(-2)).toMatch(/could not deliver.*upload address must lead to this sequencer.*0xloud/);
    });

    test('a megabyte without a key is refused before its fields are looked at', async () => {
      const body = { ...legacy, lacks: Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [index, 5])) };
      expect((await network.call('miner_request', body)).status).toBe(401);
      const chunked = new Blob([JSON.stringify(body)]).stream();
      const request = { method: 'POST', body: chunked, duplex: 'half' } as RequestInit;
      expect((await fetch(`${network.url}/miner_request`, request)).status).toBe(401);
      const small = { ...request, body: new Blob([JSON.stringify(legacy)]).stream() };
      expect((await fetch(`${network.url}/miner_request`, small)).status).toBe(200);
    });

    test('they cannot end the task of a miner with a key', async () => {
      const { json } = await network.create();
      await network.claim();
      const report = { success: false, task_id: json.task_id, miner_id: 'rig', result: '', msg: 'stolen' };
      expect((await network.call('miner_submit', report)).json.code).toBe('lease_lost');
      expect((await network.query(json.task_id)).status).toBe('running');
    });

    test('their failures reach the consumer', async () => {
      await forgetMiners();
      const { json } = await network.create();
      await network.call('miner_request', legacy);
      const report = { success: false, task_id: json.task_id, miner_id: '0xabc', result: '', msg: 'Upload failed' };
      await network.call('miner_submit', report);
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'failed',
        error: { message: 'Upload failed' },
      });
      await network.claim({ lacks: {} });
    });
  });
}
