import { describe, expect, test } from 'vitest';
import { LEASE_SECONDS, network, sleep } from './shared.ts';

/** Leases: who holds a task, and for how long. */
export function testLease(): void {
  describe('leases', () => {
    test('a miner without heartbeats loses its task, and cannot submit any more', async () => {
      const { json } = await network.create();
      const first = await network.claim();
      const { artifact_id } = await network.upload(first.lease_id);
      await network.ageHeartbeats(LEASE_SECONDS);
      const second = await network.claim({ wait_seconds: 5 });
      expect(second.task_id).toBe(json.task_id);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 2 });

      const late = await network.submit(first.lease_id, { artifact_ids: [artifact_id] });
      expect([late.status, late.json.code]).toEqual([409, 'lease_lost']);
      expect((await network.heartbeat(first.lease_id)).status).toBe(409);
      // nor does the first miner's file count for the second
      expect((await network.submit(second.lease_id, { artifact_ids: [artifact_id] })).status).toBe(400);
      const own = await network.upload(second.lease_id);
      expect((await network.submit(second.lease_id, { artifact_ids: [own.artifact_id] })).status).toBe(200);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'finished', attempt: 2 });
    });

    test('heartbeats keep a task', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      for (let beat = 0; beat < 4; beat++) {
        // half a lease goes by, and then a sweep
        await network.ageHeartbeats(LEASE_SECONDS / 2);
        await sleep(150);
        expect((await network.heartbeat(task.lease_id)).status).toBe(200);
      }
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 1 });
    });

    test('many leases in one call are answered one by one', async () => {
      const thief = await network.sequencer.createKey('miner', 'thief');
      for (let count = 0; count < 4; count++) await network.create();
      const [mine, canceled, ended, foreign] = [
        await network.claim(),
        await network.claim(),
        await network.claim(),
        await network.claim({}, thief),
      ];
      await network.cancel(canceled.task_id);
      await network.submit(ended.lease_id, { success: false, error: { code: 'x', message: '', is_retryable: false } });
      const lost = { error: { code: 'lease_lost', message: expect.any(String), status: 409 } };
      const { status, json } = await network.heartbeats([
        { lease_id: mine.lease_id, progress: { percent: 40 } },
        { lease_id: canceled.lease_id },
        { lease_id: ended.lease_id },
        { lease_id: foreign.lease_id },
        { lease_id: 'forged' },
        { lease_id: mine.lease_id, progress: { percent: 400 } },
        'nonsense',
      ]);
      expect([status, json.results]).toEqual([
        200,
        [
          { cancel: false, heartbeat_seconds: expect.closeTo(LEASE_SECONDS / 3, 1) },
          { cancel: true },
          lost,
          lost,
          lost,
          { error: { code: 'invalid_request', message: expect.stringContaining('percent'), status: 400 } },
          { error: { code: 'invalid_request', message: expect.any(String), status: 400 } },
        ],
      ]);
      expect((await network.query(mine.task_id)).progress).toEqual({ percent: 40 });
    });

    test('an answer is held until the next heartbeat is due, and renews the lease when it comes', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.ageHeartbeats(LEASE_SECONDS * 0.9);
      const start = performance.now();
      const { answer } = await network.holdHeartbeats([{ lease_id }]);
      expect((await answer).json.results).toEqual([
        { cancel: false, heartbeat_seconds: expect.closeTo(LEASE_SECONDS / 3, 1) },
      ]);
      const seconds = (performance.now() - start) / 1000;
      expect(seconds).toBeGreaterThan(LEASE_SECONDS / 3 - 0.1);
      expect(seconds).toBeLessThan(LEASE_SECONDS);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'running', attempt: 1 });
    });

    test('what a call cannot have: none, too many, or a wait of more than a minute', async () => {
      const heartbeat = { lease_id: 'x' };
      for (const [heartbeats, more, message] of [
        [[], {}, 'a list of 1 to 10000 items'],
        [Array(257).fill(heartbeat), {}, '`heartbeats` has 257 items, more than the limit of 256. Send them in parts.'],
        [[heartbeat], { wait_seconds: 61 }, 'a number of seconds from 0 to 60'],
      ] as const) {
        const { status, json } = await network.heartbeats(heartbeats, more);
        expect([status, json.code, json.message]).toEqual([400, 'invalid_request', expect.stringContaining(message)]);
      }
    });

    test('a revoked key ends an answer that is held, within two seconds', async () => {
      const key = await network.sequencer.createKey('miner', 'leaver');
      await network.create();
      const { lease_id } = await network.claim({}, key);
      await network.database.query(
        `UPDATE heurist.task SET claimed_at = now() - interval '40 seconds' WHERE status = 'running'`,
      );
      const { answer } = await network.holdHeartbeats([{ lease_id }], key);
      const start = performance.now();
      await network.database.query(`DELETE FROM heurist.api_key WHERE owner = 'leaver'`);
      expect((await answer).status).toBe(401);
      expect(performance.now() - start).toBeLessThan(2500);
    });

    test('leases of several miners that are lost together are handed out again together', async () => {
      const other = await network.sequencer.createKey('miner', 'neighbor');
      const ids: string[] = [];
      for (let count = 0; count < 12; count++) ids.push((await network.create()).json.task_id);
      for (let count = 0; count < 6; count++) await Promise.all([network.claim(), network.claim({}, other)]);
      await network.ageHeartbeats(LEASE_SECONDS);
      const lost = { status: 'waiting', attempt: 1, history: [{ attempt: 1, code: 'miner_lost' }] };
      await expect
        .poll(() => Promise.all(ids.map(network.query)), { timeout: 5000 })
        .toMatchObject(ids.map(() => lost));
      const miners = (await Promise.all(ids.map(network.query))).map(({ history }) => history[0].miner_id);
      expect(Map.groupBy(miners, (miner) => miner)).toEqual(
        new Map([
          ['rig', Array(6).fill('rig')],
          ['neighbor', Array(6).fill('neighbor')],
        ]),
      );
    });

    test('after the last attempt the task fails and says why', async () => {
      const { json } = await network.create();
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect((await network.claim({ wait_seconds: 5 })).task_id).toBe(json.task_id);
        await network.ageHeartbeats(LEASE_SECONDS);
      }
      await expect
        .poll(() => network.query(json.task_id), { timeout: 5000 })
        .toMatchObject({
          status: 'failed',
          attempt: 3,
          error: { code: 'miner_lost', message: expect.stringContaining('Submit it again') },
          history: [1, 2, 3].map((attempt) => ({ attempt, miner_id: 'rig', code: 'miner_lost' })),
        });
      expect((await network.claim()).task_id).toBeNull();
    });

    test('a submit whose response was lost is accepted again and counts once', async () => {
      const { json } = await network.create();
      const task = await network.claim();
      const { artifact_id } = await network.upload(task.lease_id);
      const submits = await Promise.all(
        [1, 2, 3].map(() => network.submit(task.lease_id, { artifact_ids: [artifact_id] })),
      );
      expect(submits.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect((await network.query(json.task_id)).outputs).toHaveLength(1);
    });

    test('a task is handed out again after a retryable failure, and fails after any other', async () => {
      const { json } = await network.create();
      const first = await network.claim();
      const error = { code: 'comfyui_failed', message: 'restarted', is_retryable: true };
      await network.submit(first.lease_id, { success: false, error });
      expect(await network.query(json.task_id)).toMatchObject({ status: 'waiting', attempt: 1 });
      const second = await network.claim();
      expect(second.task_id).toBe(json.task_id);
      await network.submit(second.lease_id, {
        success: false,
        error: { code: 'input_invalid', message: 'no picture' },
      });
      expect(await network.query(json.task_id)).toMatchObject({ status: 'failed', error: { code: 'input_invalid' } });
    });

    test('a lease cannot be forged, changed, or used by another miner', async () => {
      await network.create();
      const task = await network.claim();
      const [body, signature] = task.lease_id.split('.');
      const forged = Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), attempt: 4 }),
      );
      const thief = await network.sequencer.createKey('miner', 'thief');
      for (const [lease, key] of [
        ['nonsense', network.rig],
        [`${forged.toString('base64url')}.${signature}`, network.rig],
        [task.lease_id, thief],
      ])
        expect((await network.heartbeat(lease!, undefined, key)).json.code).toBe('lease_lost');
    });

    test('one miner alone cannot fail a task: another one that is there gets it, and two are enough', async () => {
      const other = await network.sequencer.createKey('miner', 'honest');
      await network.claim({}, other);
      const { json } = await network.create();
      const broken = { success: false, error: { code: 'execution_failed', message: 'no', is_retryable: false } };
      const first = await network.claim();
      // a claim that it holds meanwhile ends, or it would get the same task again
      const held = network.claim({ wait_seconds: 3 });
      await network.submit(first.lease_id, broken);
      expect((await held).task_id).toBeNull();
      expect((await network.query(json.task_id)).status).toBe('waiting');
      expect((await network.claim()).task_id).toBeNull();
      const second = await network.claim({}, other);
      expect(second.task_id).toBe(json.task_id);
      await network.submit(second.lease_id, broken, other);
      expect(await network.query(json.task_id)).toMatchObject({ status: 'failed', attempt: 2 });
    });

    test('a miner that is alone fails a task for good, and gets one that may pass again', async () => {
      const { json } = await network.create();
      const { lease_id } = await network.claim();
      await network.submit(lease_id, { success: false, error: { code: 'x', message: '', is_retryable: true } });
      const again = await network.claim();
      expect(again.task_id).toBe(json.task_id);
      await network.submit(again.lease_id, { success: false, error: { code: 'x', message: '', is_retryable: false } });
      expect((await network.query(json.task_id)).status).toBe('failed');
    });
  });
}
