import { describe, expect, test } from 'vitest';
import { forgetMiners, network } from './shared.ts';

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
      for (const result of wrong) expect((await network.call('miner_submit', { ...report, result })).status).toBe(400);
      expect((await network.call('miner_submit', report)).status).toBe(200);
      expect(await network.query(json.task_id)).toMatchObject({
        status: 'finished',
        result: 'https://files.test/out.png',
      });
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
