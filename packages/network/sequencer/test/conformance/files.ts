import { randomUUID } from 'node:crypto';
import { Heurist } from '@heurist/core';
import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Inputs and outputs. */
export function testFiles(): void {
  describe('files', () => {
    test('an output must be as declared', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      expect((await network.upload(task.lease_id, 'text', { bytes: 3 })).status).toBe(400);
      expect((await network.upload(task.lease_id, 'text', { bytes: 9 })).status).toBe(400);
      const { artifact_id, status } = await network.upload(task.lease_id, 'text', { sha256: '0'.repeat(64) });
      expect(status).toBe(400);
      for (const artifact_ids of [[artifact_id], [randomUUID()], ['x'], []])
        expect((await network.submit(task.lease_id, { artifact_ids })).status).toBe(400);
      expect((await network.query(json.task_id)).status).toBe('running');
    });

    test('a file declared as a picture must be one', async () => {
      await network.create();
      const { lease_id } = await network.claim();
      const page = await network.upload(lease_id, '<script>alert(1)</script>', { content_type: 'image/png' });
      expect(page.status).toBe(400);
      expect((await network.upload(lease_id, '\x89PNG\r\n\x1a\n', { content_type: 'image/jpeg' })).status).toBe(400);
      expect((await network.upload(lease_id, 'GIF89a and so on', { content_type: 'image/gif' })).status).toBe(200);
    });

    test('a signed URL is for one file and one action', async () => {
      await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      await network.submit(task.lease_id, { artifact_ids: [artifact_id] });
      const { result } = await network.query(task.task_id);
      expect((await fetch(result)).headers.get('content-security-policy')).toContain('sandbox');
      const changed = (change: (url: URL) => void) => {
        const url = new URL(result);
        change(url);
        return fetch(url);
      };
      expect((await changed((url) => url.searchParams.set('expires', '9999999999'))).status).toBe(403);
      expect((await changed((url) => url.searchParams.delete('signature'))).status).toBe(403);
      expect(
        (
          await changed((url) => {
            url.pathname = `/artifacts/${randomUUID()}`;
          })
        ).status,
      ).toBe(403);
      expect((await fetch(result, { method: 'PUT', body: 'overwritten' })).status).toBe(403);
      expect(await (await fetch(result)).text()).toBe('result');
    });

    test("an uploaded input reaches the miner at the miner's own address of the server", async () => {
      const heurist = new Heurist({
        apiKey: network.consumer,
        workflowURL: network.url.replace('127.0.0.1', 'localhost'),
      });
      const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
      const image = await heurist.workflow.uploadFile(png);
      expect(new URL(image).hostname).toBe('localhost');
      await network.create({ task_details: { parameters: { text: 'x', image } } });
      const { task_details } = await network.claim();
      expect(new URL(task_details.parameters.image).origin).toBe(network.url);
      expect(Buffer.from(await (await fetch(task_details.parameters.image)).arrayBuffer())).toEqual(png);
    });

    test('a file of more than 200 MB is refused before it is sent', async () => {
      const body = { api_key: network.api_key, content_type: 'image/png', bytes: 200_000_001 };
      expect((await network.call('file_create', body)).status).toBe(413);
    });
  });
}
