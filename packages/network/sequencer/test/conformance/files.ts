import { createHash, randomUUID } from 'node:crypto';
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

    describe('an input that was uploaded before', () => {
      const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(randomUUID())]);
      const sha256 = createHash('sha256').update(png).digest('hex');
      const declare = async (more: object = {}, key = network.consumer) =>
        (await network.call('file_create', { content_type: 'image/png', bytes: png.length, sha256, ...more }, key))
          .json;
      const idOf = ({ url }: { url: string }) => new URL(url).pathname;

      test('by the same consumer need not be uploaded again', async () => {
        const first = await declare();
        expect(first.is_stored).toBe(false);
        // one that was only announced is no file
        expect((await declare()).is_stored).toBe(false);
        await fetch(first.upload_url, { method: 'PUT', body: png });
        const again = await declare();
        expect([again.is_stored, idOf(again)]).toEqual([true, idOf(first)]);
        expect(Buffer.from(await (await fetch(again.url)).arrayBuffer())).toEqual(png);
      });

      test('is not found by others, nor as another type, nor without its hash', async () => {
        const other = await network.sequencer.createKey('consumer', `other_${randomUUID().replaceAll('-', '')}`);
        expect((await declare({}, other)).is_stored).toBe(false);
        expect((await declare({ content_type: 'image/webp' })).is_stored).toBe(false);
        expect(await declare({ sha256: undefined })).not.toHaveProperty('is_stored');
      });

      test('is not found by pages: a hash must not be enough to read the file of another user', async () => {
        const { session_token } = (await network.call('session_create', { task_types: ['echo'] }, network.consumer))
          .json;
        const found = await declare({}, session_token);
        expect([found.is_stored, idOf(found) === idOf(await declare())]).toEqual([undefined, false]);
      });

      test('is uploaded again if it is old or gone, and stays if it is used', async () => {
        const before = idOf(await declare());
        const id = before.split('/').at(-1);
        const ageIs = (days: number) =>
          network.database.query(
            `UPDATE heurist.artifact SET created_at = now() - $2 * interval '1 day' WHERE artifact_id = $1`,
            [id, days],
          );
        await ageIs(14);
        expect((await declare()).is_stored).toBe(true);
        const [row] = await network.database.query<{ created_at: Date }>(
          'SELECT created_at FROM heurist.artifact WHERE artifact_id = $1',
          [id],
        );
        expect(Date.now() - row!.created_at.getTime()).toBeLessThan(3600_000);
        await ageIs(16);
        expect((await declare()).is_stored).toBe(false);
      });

      test('must be what its hash says', async () => {
        const { upload_url } = await declare({ sha256: '0'.repeat(64) });
        expect((await fetch(upload_url, { method: 'PUT', body: png })).status).toBe(400);
      });

      test('is the same in a submit that is sent again with its job id, under each of its addresses', async () => {
        const job_id = randomUUID();
        const { url } = await declare({ content_type: 'image/webp', bytes: 12, sha256: undefined });
        const later = url.replace(/expires=\d+/, 'expires=9999999999');
        const create = (image: string) =>
          network.create({ job_id, task_details: { parameters: { text: 'x', image } } });
        const [first, again] = [await create(url), await create(later)];
        expect([again.status, again.json.task_id]).toEqual([200, first.json.task_id]);
        expect((await create('https://example.com/other.png')).status).toBe(409);
      });
    });

    test('a file of more than 200 MB is refused before it is sent', async () => {
      const body = { api_key: network.api_key, content_type: 'image/png', bytes: 200_000_001 };
      expect((await network.call('file_create', body)).status).toBe(413);
    });
  });
}
