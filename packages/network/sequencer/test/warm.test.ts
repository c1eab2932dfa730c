// Warm routing by HTTP: miners that say what they hold, beside those that do not.
import { rawWorkflow } from '@heurist/core/definition';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { modelWorkflow, type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

const clock = new SkipClock();
const MODELS = ['a', 'b', 'c'];
const LOAD_MS = 20_000;
let network: Network;
/** Each miner has a key, and says that it is one machine. */
const keys = new Map<string, string>();

beforeAll(async () => {
  network = await startNetwork({
    clock,
    limits: { tasksPerMinute: 100_000, holdingMachines: 10 },
    workflows: [
      ...MODELS.map((name) => modelWorkflow(name, `${name}.safetensors`)),
      // another one with the models of a
      modelWorkflow('a too', 'a.safetensors'),
      rawWorkflow,
    ],
  });
  for (const name of ['m1', 'm2', 'm3', 'old']) keys.set(name, await network.sequencer.createKey('miner', name));
});
beforeEach(async () => {
  await network.cancelAll();
  await network.database.query('DELETE FROM heurist.holder');
  await network.database.query('DELETE FROM heurist.passed');
  await network.database.query('DELETE FROM heurist.warm_doubt');
  await network.database.query('DELETE FROM heurist.task');
  // so that what the tests before have told is known no more
  clock.skip(61_000);
});
afterAll(() => network?.stop());

const keyOf = (model: string) => `${model}.safetensors`;
const hold = (...models: string[]) => models.map((model) => ({ key: keyOf(model), load_ms: LOAD_MS }));

async function create(model: string): Promise<string> {
  const { status, json } = await network.create({ task_type: model, workflow_id: model });
  expect(status).toBe(200);
  return json.task_id;
}

function claim(miner: string, warm?: object[], more: object = {}) {
  return network.claim({ workflow_ids: MODELS, machine_id: miner, ...(warm && { warm }), ...more }, keys.get(miner));
}

/** Runs a task that was claimed to its end, as if that took so many seconds. */
async function finish(
  miner: string,
  { task_id, lease_id }: { task_id: string; lease_id: string },
  loadSeconds: number,
  seconds = 0,
): Promise<void> {
  const key = keys.get(miner);
  const earlier = `UPDATE heurist.task SET claimed_at = claimed_at - $2 * interval '1 second' WHERE task_id = $1`;
  await network.database.query(earlier, [task_id, seconds]);
  const { artifact_id } = await network.upload(lease_id, 'out', {}, key);
  await network.submit(lease_id, { artifact_ids: [artifact_id], model_load_latency: loadSeconds }, key);
}

test('an answer names the models of the task, and a result how long they were loaded', async () => {
  const task_id = await create('a');
  const task = await claim('m1', hold('b'));
  expect(task).toMatchObject({ task_id, model_key: 'a.safetensors' });
  await finish('m1', task, 0.25);
  expect((await network.query(task_id)).timings).toMatchObject({ load_ms: 250 });
});

test('a miner gets a younger task whose models it holds', async () => {
  const [older, younger] = [await create('a'), await create('b')];
  expect((await claim('m1', hold('b'))).task_id).toBe(younger);
  expect((await claim('m1', hold('b'))).task_id).toBe(older);
});

test('without a word of models, the oldest goes first', async () => {
  const [older, younger] = [await create('a'), await create('b')];
  expect((await claim('old')).task_id).toBe(older);
  expect((await claim('old')).task_id).toBe(younger);
});

test('an old miner beside new ones gets the oldest', async () => {
  await claim('m1', hold('b'));
  clock.skip(1001);
  const [older, younger] = [await create('a'), await create('b')];
  expect((await claim('old')).task_id).toBe(older);
  expect((await claim('m1', hold('b'))).task_id).toBe(younger);
});

test('of two miners that wait, the one that holds the models gets the task', async () => {
  const wait = { wait_seconds: 20 };
  const claims = [claim('m1', hold('b'), wait), claim('m2', hold('a'), wait)];
  await expect.poll(() => network.database.query('SELECT FROM heurist.holder')).toHaveLength(2);
  const first = await create('a');
  expect((await claims[1]).task_id).toBe(first);
  const second = await create('b');
  expect((await claims[0]).task_id).toBe(second);
});

/** Two models whose runs take 4 s and whose loads 20 s, as the network has seen. */
async function learnTimes(): Promise<void> {
  for (const model of ['a', 'b'])
    for (const [warm, load, seconds] of [
      [[], 20, 24],
      [hold(model), 0, 4],
    ] as const) {
      await create(model);
      await finish('m1', await claim('m1', [...warm]), load, seconds);
    }
  clock.skip(10_001);
}

test('a miner that would have to load leaves a task to one that holds its models, and gets it if that one does not come', async () => {
  await learnTimes();
  await claim('m1', hold('a'));
  clock.skip(1001);
  const task_id = await create('a');
  expect((await claim('m2', hold('b'))).task_id).toBeNull();
  // 24 s are the time in which it would have been loaded
  const later = `UPDATE heurist.passed SET since = since - interval '31 seconds'`;
  await network.database.query(later);
  clock.skip(1001);
  expect((await claim('m2', hold('b'))).task_id).toBe(task_id);
});

test('a task is not left to miners that hold its models and do not run its workflow, or are put aside for it', async () => {
  await learnTimes();
  const workflow_ids = [...MODELS, 'a too'];
  const cold = async () => {
    clock.skip(1001);
    const task_id = await create('a too');
    const claimed = await claim('m2', hold('b'), { workflow_ids });
    await network.cancelAll();
    return claimed.task_id === task_id;
  };
  await claim('m1', hold('a'));
  expect(await cold()).toBe(true);
  // once it runs it, it is waited for
  await claim('m1', hold('a'), { workflow_ids });
  expect(await cold()).toBe(false);
  await network.database.query(
    `INSERT INTO heurist.standing (miner_id, workflow_id, doubt, proven, pauses, finished, failures, codes, failed_at, paused_until)
     VALUES ('m1', 'a too', 10, 10, 1, 0, 5, '[]', now(), now() + interval '1 minute')`,
  );
  expect(await cold()).toBe(true);
  await network.database.query('DELETE FROM heurist.standing');
});

test('a task that is passed by goes first after 30 seconds, whatever comes', async () => {
  await learnTimes();
  await claim('m1', hold('b'));
  const old = await create('a');
  for (let count = 0; count < 3; count++) {
    const young = await create('b');
    expect((await claim('m1', hold('b'))).task_id).toBe(young);
  }
  await create('b');
  await network.database.query(`UPDATE heurist.passed SET since = since - interval '31 seconds'`);
  clock.skip(1001);
  expect((await claim('m1', hold('b'))).task_id).toBe(old);
});

test('in its long poll, a miner that leaves a task looks again by itself', async () => {
  await learnTimes();
  await claim('m1', hold('a'));
  clock.skip(1001);
  const task_id = await create('a');
  // it was passed by 29 s ago
  await claim('m2', hold('b'));
  await network.database.query(`UPDATE heurist.passed SET since = since - interval '29 seconds'`);
  clock.skip(1001);
  const start = Date.now();
  expect((await claim('m2', hold('b'), { wait_seconds: 20 })).task_id).toBe(task_id);
  expect(Date.now() - start).toBeLessThan(5000);
});

test('a miner that claims to be warm and is always cold is not believed any more', async () => {
  await learnTimes();
  for (let count = 0; count < 4; count++) {
    await create('a');
    await finish('m3', await claim('m3', hold('a', 'b', 'c')), 0, 24);
  }
  clock.skip(10_001);
  const [older, younger] = [await create('c'), await create('b')];
  expect((await claim('m3', hold('b'))).task_id).toBe(older);
  // others are
  expect((await claim('m1', hold('b'))).task_id).toBe(younger);
  const { json } = await network.call('network_status', {}, network.consumer);
  expect(json.miners.find(({ miner_id }: { miner_id: string }) => miner_id === 'm3')).not.toHaveProperty('models');
});

test('one that is warm is believed, however slow it is now and then', async () => {
  await learnTimes();
  for (const seconds of [24, 4, 5, 24, 4, 5, 24, 4, 5, 24]) {
    await create('a');
    await finish('m3', await claim('m3', hold('a')), 0, seconds);
    clock.skip(1001);
  }
  const [, younger] = [await create('c'), await create('b')];
  expect((await claim('m3', hold('b'))).task_id).toBe(younger);
});

test('invented models are bounded, by machine and by miner', async () => {
  const invented = Array.from({ length: 100 }, (_, index) => ({ key: `invented ${index}`, load_ms: 1e12 }));
  await claim('m1', invented);
  const [row] = await network.database.query<{ held: { load_ms: number }[] }>('SELECT held FROM heurist.holder');
  expect(row?.held).toHaveLength(32);
  // five minutes, however much it says
  expect(row?.held[0]).toEqual({ key: 'invented 0', load_ms: 300_000 });
  for (let index = 0; index < 12; index++) await claim('m1', hold('a'), { machine_id: `machine ${index}` });
  expect(await network.database.query('SELECT FROM heurist.holder')).toHaveLength(10);
});

test.each([
  ['more than a hundred models', Array(101).fill({ key: 'a' })],
  ['a key that is too long', [{ key: 'x'.repeat(101) }]],
  ['an empty key', [{ key: '' }]],
  ['a load below 0', [{ key: 'a', load_ms: -1 }]],
  ['text', 'a.safetensors'],
])('%s is refused', async (_, warm) => {
  const { status, json } = await network.call('miner_request', { workflow_ids: MODELS, warm }, keys.get('m1'));
  expect([status, json.code]).toEqual([400, 'invalid_request']);
  expect(json.message).toContain('warm');
});

test('raw graphs of one workflow are told apart by their models', async () => {
  const graph = (model: string) => ({
    model: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: keyOf(model) } },
  });
  const createRaw = async (model: string, api_key: string) => {
    const task_details = { parameters: { graph: graph(model) } };
    return (await network.create({ task_type: 'raw', workflow_id: 'raw', task_details, api_key })).json.task_id;
  };
  const other = await network.sequencer.createKey('consumer', 'other');
  const older = await createRaw('a', network.api_key);
  const younger = (
    await network.call(
      'task_create',
      { task_type: 'raw', workflow_id: 'raw', task_details: { parameters: { graph: graph('b') } } },
      other,
    )
  ).json.task_id;
  const raw = { workflow_ids: ['raw'] };
  expect(await claim('m1', hold('b'), raw)).toMatchObject({ task_id: younger, model_key: keyOf('b') });
  expect(await claim('m1', hold('b'), raw)).toMatchObject({ task_id: older, model_key: keyOf('a') });
});

test('warm and cold claims, loads and switches are counted and shown', async () => {
  const operator = await network.sequencer.createKey('operator', 'watcher');
  const read = async (name: string) => {
    const response = await fetch(`${network.url}/metrics`, { headers: { authorization: `Bearer ${operator}` } });
    return Number(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (.+)$`, 'm').exec(await response.text())?.[1]);
  };
  const names = [
    'heurist_claimed_models_total{workflow_id="c",models="warm"}',
    'heurist_claimed_models_total{workflow_id="c",models="cold"}',
    'heurist_claimed_models_total{workflow_id="c",models="unknown"}',
    'heurist_model_switches_total{workflow_id="c"}',
    'heurist_model_load_seconds_total{workflow_id="c"}',
  ];
  const before = await Promise.all(names.map(read));
  for (const [miner, warm, load] of [
    // the first one of all to say anything
    ['m1', [], 20],
    ['m1', hold('c'), 0],
    ['old', undefined, 0],
  ] as const) {
    await create('c');
    await finish(miner, await claim(miner, warm && [...warm]), load, 24);
  }
  const after = await Promise.all(names.map(read));
  expect(after.map((value, index) => value - before[index]!)).toEqual([1, 1, 1, 1, 20]);
  clock.skip(10_001);
  const { json } = await network.call('network_status', {}, network.consumer);
  const shown = json.workflows.find(({ workflow_id }: { workflow_id: string }) => workflow_id === 'c');
  expect(shown.models).toEqual({ warm: 1, cold: 1, switches: 1, load_ms: 20_000 });
  expect(json.miners.find(({ miner_id }: { miner_id: string }) => miner_id === 'm1').models).toEqual([keyOf('c')]);
});
