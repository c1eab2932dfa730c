import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LEASE_SECONDS, logged, network, sleep } from './shared.ts';

const broken = (code = 'execution_failed') => ({
  success: false,
  error: { code, message: 'no', is_retryable: false },
});

/** Miners that fail what others finish. */
export function testTrust(): void {
  describe('trust in miners', () => {
    const forget = () =>
      network.database.query(`DELETE FROM heurist.standing; DELETE FROM heurist.api_key WHERE owner LIKE 'boss%'`);
    beforeEach(forget);
    afterEach(forget);
    let count = 0;
    /** A miner that is connected. */
    async function connect(name: string) {
      const miner_id = `${name}${count++}`;
      const key = await network.sequencer.createKey('miner', miner_id);
      const claim = (more: object = {}) => network.claim({ workflow_ids: ['other'], ...more }, key);
      const fail = (lease_id: string, code?: string) => network.submit(lease_id, broken(code), key);
      async function finish(lease_id: string) {
        const { artifact_id } = await network.upload(lease_id, 'made', {}, key);
        expect((await network.submit(lease_id, { artifact_ids: [artifact_id] }, key)).status).toBe(200);
      }
      await claim();
      return { miner_id, claim, fail, finish };
    }
    type Miner = Awaited<ReturnType<typeof connect>>;
    const create = async () => (await network.create({ workflow_id: 'other' })).json.task_id as string;
    /** One miner has a task and spoils it; the next finishes it. */
    async function spoil(bad: Miner, good: Miner, how: (lease_id: string) => Promise<unknown>) {
      const task_id = await create();
      // what waited for another miner a moment ago is remembered for half a second
      let lease_id: string | undefined;
      await expect.poll(async () => (lease_id = (await bad.claim()).lease_id)).toBeDefined();
      await how(lease_id!);
      const again = await good.claim({ wait_seconds: 5 });
      expect(again.task_id).toBe(task_id);
      await good.finish(again.lease_id);
    }
    const statusOf = async (miner_id: string) => {
      const { miners } = (await network.call('network_status', {}, network.consumer)).json;
      return miners.find((miner: { miner_id: string }) => miner.miner_id === miner_id);
    };

    test('a final failure wants a second miner that fails the same way', async () => {
      const [one, two, three] = [await connect('one'), await connect('two'), await connect('three')];
      const task_id = await create();
      await one.fail((await one.claim()).lease_id, 'input_invalid');
      await two.fail((await two.claim()).lease_id, 'execution_failed');
      expect(await network.query(task_id)).toMatchObject({ status: 'waiting' });
      await three.fail((await three.claim()).lease_id, 'input_invalid');
      expect(await network.query(task_id)).toMatchObject({ status: 'failed', error: { code: 'input_invalid' } });
      const rows = await network.database.query('SELECT miner_id, doubt FROM heurist.standing WHERE doubt > 0');
      expect(rows).toEqual([{ miner_id: two.miner_id, doubt: 2 }]);
    });

    test.each([
      ['fails everything', (bad: Miner) => (lease_id: string) => bad.fail(lease_id)],
      ['claims and drops', () => () => network.ageHeartbeats(LEASE_SECONDS)],
    ])('a miner that %s is put aside, and everybody learns of it', async (_, how) => {
      const [bad, good] = [await connect('bad'), await connect('good')];
      for (let task = 0; task < 5; task++) await spoil(bad, good, how(bad));
      const waiting = await create();
      const start = Date.now();
      const { task_id, msg, put_aside } = await bad.claim({ wait_seconds: 1 });
      expect(task_id).toBeNull();
      // it is held like any other claim, or the miner would ask without end
      expect(Date.now() - start).toBeGreaterThan(900);
      expect(msg).toMatch(/^You get no tasks of workflow other until \S+Z: 5 tasks failed here lately/);
      expect(put_aside).toMatchObject([
        { workflow_id: 'other', failures: 5, codes: new Array(5).fill(expect.any(String)) },
      ]);
      // told to consumers, the operator, and the log
      expect(await statusOf(bad.miner_id)).toMatchObject({ put_aside });
      expect(await statusOf(good.miner_id)).not.toHaveProperty('put_aside');
      const operator = await network.sequencer.createKey('operator', `boss${count}`);
      const { keys } = (await network.call('key_list', {}, operator)).json;
      const key = keys.find((one: { owner: string }) => one.owner === bad.miner_id);
      expect(key).toMatchObject({ put_aside });
      const metrics = await fetch(`${network.url}/metrics`, { headers: { authorization: `Bearer ${operator}` } });
      const text = await metrics.text();
      expect(text).toContain('heurist_workflow_miners_put_aside{workflow_id="other"} 1');
      expect(text).toContain(`heurist_miner_failures{miner_id="${bad.miner_id}",workflow_id="other"} 5`);
      expect(logged.filter((line) => line.startsWith('miner put aside') && line.includes(bad.miner_id))).toHaveLength(
        1,
      );
      // it is connected still, and gets tasks of other workflows
      await network.create();
      expect((await bad.claim({ workflow_ids: ['echo'] })).workflow_id).toBe('echo');
      expect((await good.claim()).task_id).toBe(waiting);
    });

    test('a miner comes back with one task, and then more', async () => {
      const [bad, good] = [await connect('bad'), await connect('good')];
      for (let task = 0; task < 5; task++) await spoil(bad, good, (lease_id) => bad.fail(lease_id));
      for (let task = 0; task < 5; task++) await create();
      expect((await bad.claim()).task_id).toBeNull();
      await network.database.query(`UPDATE heurist.standing SET paused_until = now() - interval '1 second'`);
      await expect.poll(async () => (await statusOf(bad.miner_id)).put_aside).toMatchObject([{ failures: 5 }]);
      await sleep(600);
      const probe = await bad.claim();
      expect(probe.task_id).not.toBeNull();
      expect((await bad.claim()).msg).toContain('few tasks of workflow other');
      await bad.finish(probe.lease_id);
      const next = [await bad.claim(), await bad.claim(), await bad.claim()];
      expect(next.map(({ task_id }) => typeof task_id)).toEqual(['string', 'string', 'object']);
    });

    test('claims that a miner holds while it is put aside bring it nothing', async () => {
      const [bad, good] = [await connect('bad'), await connect('good')];
      for (let task = 0; task < 4; task++) await spoil(bad, good, (lease_id) => bad.fail(lease_id));
      await sleep(600);
      const task_id = await create();
      await bad.fail((await bad.claim()).lease_id);
      const { lease_id } = await good.claim();
      const held = bad.claim({ wait_seconds: 3 });
      await expect.poll(async () => (await statusOf(bad.miner_id))?.is_busy).toBe(false);
      await good.finish(lease_id);
      expect((await network.query(task_id)).status).toBe('finished');
      const last = await create();
      expect((await held).task_id).toBeNull();
      expect((await network.query(last)).status).toBe('waiting');
    });

    test('the least bad miner gets the work if there is no other', async () => {
      const [bad, good] = [await connect('bad'), await connect('good')];
      for (let task = 0; task < 5; task++) await spoil(bad, good, (lease_id) => bad.fail(lease_id));
      const task_id = await create();
      expect((await bad.claim()).task_id).toBeNull();
      await network.database.query('DELETE FROM heurist.miner WHERE miner_id <> $1', [bad.miner_id]);
      await expect.poll(async () => (await bad.claim()).task_id, { timeout: 5000 }).toBe(task_id);
    });
  });
}
