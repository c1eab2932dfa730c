import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** What strangers with a key may say, and what is made of it. */
export function testStrangers(): void {
  describe('nothing that a miner says is believed', () => {
    const status = async () => (await network.call('network_status', {}, network.consumer)).json;

    test('workflows that the network does not have are dropped, and so is what is missing for them', async () => {
      const key = await network.sequencer.createKey('miner', 'boaster');
      for (let round = 0; round < 3; round++) {
        const made_up = Array.from({ length: 900 }, (_, index) => `made-up-${round}-${index}`);
        const lacks = { 'made-up': ['x'], other: Array.from({ length: 100 }, () => 'y'.repeat(900)) };
        expect((await network.claim({ workflow_ids: [...made_up, 'echo', 'echo'], lacks }, key)).task_id).toBeNull();
      }
      const { miners } = await status();
      const boaster = miners.find((miner: { miner_id: string }) => miner.miner_id === 'boaster');
      expect(boaster.workflow_ids).toEqual(['echo']);
      expect(Object.keys(boaster.lacks)).toEqual(['other']);
      expect(JSON.stringify(boaster).length).toBeLessThan(40_000);
    });

    test('progress is bounded: no unknown fields, no control characters, raster previews only', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.heartbeat(lease_id, {
        percent: 5,
        node: '\u001B[2JK\u0008Sampler\u202E',
        blob: 'x'.repeat(900_000),
      });
      expect((await network.query(json.task_id)).progress).toEqual({ percent: 5, node: 'KSampler' });
      const svg = await network.heartbeat(lease_id, { percent: 6, preview: 'data:image/svg+xml;base64,AAAA' });
      expect(svg.status).toBe(400);
    });

    test('an output gets a safe name, and its kind by its media type', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      const { artifact_id } = await network.upload(lease_id, '<script>', {
        filename: '../..\\x\ny\u202Egnp.html',
        kind: 'image',
        content_type: 'text/html',
      });
      const twice = await network.submit(lease_id, { artifact_ids: [artifact_id, artifact_id] });
      expect([twice.status, twice.json.message]).toEqual([400, expect.stringContaining('name each once')]);
      await network.submit(lease_id, { artifact_ids: [artifact_id] });
      const [output] = (await network.query(json.task_id)).outputs;
      expect(output).toMatchObject({ kind: 'file', filename: 'x ygnp.bin', content_type: 'text/html' });
      const { headers } = await fetch(output.url);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
    });

    test('a name is cut between characters and has room in any folder', async () => {
      await network.create();
      const { lease_id } = await network.claim();
      const body = { kind: 'file', content_type: 'image/png', bytes: 1, sha256: 'a'.repeat(64) };
      for (const filename of [`${'x'.repeat(99)}😀y.png`, `${'猫'.repeat(120)}.png`, 'NUL.txt.png']) {
        const reply = await network.call('miner_upload', { lease_id, filename, ...body }, network.rig);
        expect([filename, reply.status]).toEqual([filename, 200]);
      }
    });

    test.each(['image/png; x=y', 'IMAGE/PNG', 'image/avif', 'video/mp4', 'audio/x-page'])(
      'a page that was declared as %s is refused',
      async (content_type) => {
        await network.create();
        const { lease_id } = await network.claim();
        expect((await network.upload(lease_id, '<script>', { content_type })).status).toBe(400);
      },
    );

    test('a second media type behind a comma is refused, and so are sizes that no file has', async () => {
      await network.create();
      const { lease_id } = await network.claim();
      const file = { filename: 'a', kind: 'file', content_type: 'video/mp4', bytes: 1, sha256: 'a'.repeat(64) };
      for (const wrong of [{ content_type: 'video/mp4;, text/html' }, { width: -5 }, { height: 1e15 }]) {
        const { status } = await network.call('miner_upload', { lease_id, ...file, ...wrong }, network.rig);
        expect([wrong, status]).toEqual([wrong, 400]);
      }
    });

    test('times and parameters that a miner reports say nothing that cannot be', async () => {
      const text = 'as \u200Esent\u0007';
      const { json } = await network.create({ task_details: { parameters: { text } } });
      const { lease_id } = await network.claim();
      const { artifact_id } = await network.upload(lease_id);
      const parameters = { text, note: ['\u001B]0;x\u0007new\u202E'], '\u009B2Jkey': 1 };
      const report = { artifact_ids: [artifact_id], upload_latency: -1e6, parameters };
      expect((await network.submit(lease_id, report)).status).toBe(200);
      const result = await network.query(json.task_id);
      expect(result.timings.upload_ms).toBe(0);
      expect(result.timings.run_ms).toBeLessThanOrEqual(result.timings.total_ms);
      expect(result.parameters).toEqual({ text, note: ['new'], key: 1 });
    });

    test('of many large previews at once, one is kept: a miner cannot fill the disk of the database', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      // one of this size takes a second
      const preview = (letter: string) => ({
        percent: 5,
        preview: `data:image/png;base64,${letter.repeat(399_000)}`,
      });
      for (const letter of ['A', 'B', 'C', 'D'])
        expect((await network.heartbeat(lease_id, preview(letter))).status).toBe(200);
      const shown: string = (await network.query(json.task_id)).progress.preview;
      expect(shown.at(-1)).not.toBe('D');
      expect((await network.heartbeat(lease_id, { percent: 6 })).status).toBe(200);
      await network.cancel(json.task_id);
    });

    test('a miner that has lost its task shows no preview in it', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'x', message: 'x', is_retryable: true } });
      const next = await network.claim();
      const preview = (text: string) => ({ percent: 5, preview: `data:image/png;base64,${text}` });
      expect((await network.heartbeat(next.lease_id, preview('BBBB'))).status).toBe(200);
      expect((await network.heartbeat(lease_id, preview('AAAA'))).status).toBe(409);
      expect((await network.query(json.task_id)).progress).toEqual(preview('BBBB'));
    });

    test('an output of 10 GB is refused', async () => {
      await network.create();
      const { lease_id } = await network.claim();
      const body = { filename: 'a.png', kind: 'image', content_type: 'image/png', bytes: 1e10, sha256: 'a'.repeat(64) };
      expect((await network.call('miner_upload', { lease_id, ...body }, network.rig)).status).toBe(413);
    });

    test('a miner key cannot hold more claims than its limit', async () => {
      const key = await network.sequencer.createKey('miner', 'clinger', { limits: { held_claims: 56 } });
      const replies = Array.from({ length: 100 }, (_, index) =>
        network.call('miner_request', { workflow_ids: [`none-${index}`], wait_seconds: 4 }, key),
      );
      const refused = (await Promise.all(replies)).filter(({ status }) => status === 429);
      expect(refused).toHaveLength(100 - 56);
      expect(refused[0]!.json.message).toContain('limit is 56');
    });

    test('control characters of a failure reach nobody', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      const error = { code: 'x\u0007y', message: 'bad\u001B]52;c;AAAA\u0007 luck', node_type: '\u009B2J!' };
      await network.submit(lease_id, { success: false, error });
      expect((await network.query(json.task_id)).error).toMatchObject({
        code: 'xy',
        message: 'bad luck',
        node_type: '!',
      });
    });
  });

  describe('what one task may cost', () => {
    test('a text has a limit, wherever it is among the parameters', async () => {
      const text = (length: number) => ({ task_details: { parameters: { text: 'x'.repeat(length) } } });
      expect((await network.create(text(32_000))).status).toBe(200);
      const { status, json } = await network.create(text(32_001));
      expect([status, json.code, json.message]).toEqual([
        400,
        'invalid_parameters',
        '`text` has 32001 characters, and the limit is 32000. Shorten it.',
      ]);
    });

    test('an answer about wrong parameters is short, however many and long they are', async () => {
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`option${index}`, 1]));
      for (const parameters of [many, { ['x'.repeat(900_000)]: 1 }, { ['x'.repeat(900_000)]: 'y'.repeat(40_000) }]) {
        const { status, json } = await network.create({ task_details: { parameters } });
        expect([status, json.message.length < 1000]).toEqual([400, true]);
      }
    });

    test('all parameters together have a limit, however many texts they are', async () => {
      const parameters = { text: 'x', more: Array.from({ length: 10 }, () => ['y'.repeat(20_000)]) };
      const { status, json } = await network.create({ task_details: { parameters } });
      expect([status, json.code, json.message]).toEqual([
        400,
        'invalid_parameters',
        expect.stringMatching(/^The parameters have 200\d+ characters together, as JSON, and the limit is 200000/),
      ]);
      const webhook_url = `https://example.com/${'x'.repeat(2000)}`;
      expect((await network.create({ webhook_url })).status).toBe(400);
    });

    test('files of an owner have a limit together', async () => {
      const key = await network.sequencer.createKey('consumer', 'hoarder');
      const file = { content_type: 'image/png', bytes: 200_000_000 };
      const replies = await Promise.all(Array.from({ length: 110 }, () => network.call('file_create', file, key)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(100);
      expect(replies.find(({ status }) => status !== 200)?.json.code).toBe('rate_limited');
    });
  });
}
