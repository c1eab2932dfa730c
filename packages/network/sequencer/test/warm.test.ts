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
    workflows: [...MODELS.map((name) => modelWorkflow(name, `${name}.safetensors`)), rawWorkflow],
  });
  for (const name of ['m1', 'm2', 'm3', 'old']) keys.set(name, await network.sequencer.createKey('miner', name));
});
beforeEach(async () => {
  await network.cancelAll();
  await network.database.query('DELETE FROM heurist.holder');
  await network.database.query('DELETE FROM heurist.passed');
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

/** Runs a task that was claimed to its end. */
async function finish(miner: string, lease_id: string, loadSeconds: number): Promise<void> {
  const key = keys.get(miner);
  const { artifact_id } = await network.upload(lease_id, 'out', {}, key);
  await network.submit(lease_id, { artifact_ids: [artifact_id], model_load_latency: loadSeconds }, key);
}

test('an answer names the models of the task, and a result how long they were loaded', async () => {
  const task_id = await create('a');
  const task = await claim('m1', hold('b'));
  expect(task).toMatchObject({ task_id, model_key: 'a.safetensors' });
  await finish('m1', task.lease_id, 0.25);
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
