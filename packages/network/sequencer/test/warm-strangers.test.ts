// What miners say of their models is not believed further than it can be measured, and costs no more than the limits allow.
import { rawWorkflow } from '@heurist/core/definition';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { modelWorkflow, type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

const clock = new SkipClock();
const WORKFLOWS = ['a', 'A', 'b'];
const LOAD_MS = 20_000;
let network: Network;
const keys = new Map<string, string>();

beforeAll(async () => {
  network = await startNetwork({
    clock,
    limits: { tasksPerMinute: 100_000, callsPerMinute: 1e9, holdingMachines: 20 },
    workflows: [...WORKFLOWS.map((name) => modelWorkflow(name, `sd/${name}.safetensors`)), rawWorkflow],
  });
  for (const name of ['liar', 'honest', 'old']) keys.set(name, await network.sequencer.createKey('miner', name));
});
beforeEach(async () => {
  await network.cancelAll();
  await network.database.query(
    'DELETE FROM heurist.holder; DELETE FROM heurist.passed; DELETE FROM heurist.warm_doubt; DELETE FROM heurist.task',
  );
  // so that what the tests before have told is known no more
  clock.skip(61_000);
});
afterAll(() => network?.stop());

const keyOf = (name: string) => `sd/${name}.safetensors`;
const create = async (name: string) =>
  (await network.create({ task_type: name, workflow_id: name })).json.task_id as string;
const claim = (miner: string, warm?: unknown, more: object = {}) =>
  network.claim(
    { workflow_ids: WORKFLOWS, machine_id: 'one', ...(warm !== undefined && { warm }), ...more },
    keys.get(miner),
  );
const hold = (...names: string[]) => names.map((name) => ({ key: keyOf(name), load_ms: LOAD_MS }));
const read = async (text: string) => await network.database.query(text);

describe('invented models', () => {
  test('are as many as the limits allow, whatever the machines that say so, and hide nobody else', async () => {
    await claim('honest', hold('b'));
    const invent = (machine: number) =>
      Array.from({ length: 100 }, (_, index) => ({ key: `${machine} ${index}`, load_ms: 1e300 }));
    const all = Array.from({ length: 200 }, (_, machine) =>
      claim('liar', invent(machine), { machine_id: `machine ${machine}` }),
    );
    expect((await Promise.all(all)).map(({ task_id }) => task_id)).toEqual(Array(200).fill(null));
    const [row] = await read(
      `SELECT count(*)::int AS machines, sum(jsonb_array_length(held))::int AS models, max((held->0->>'load_ms')::float8) AS load_ms
       FROM heurist.holder WHERE miner_id = 'liar'`,
    );
    expect(row).toEqual({ machines: 20, models: 20 * 32, load_ms: 300_000 });
    clock.skip(1001);
    const [, younger] = [await create('a'), await create('b')];
    expect((await claim('honest', hold('b'))).task_id).toBe(younger);
    const { json } = await network.call('network_status', {}, network.consumer);
    const shown = json.miners.find(({ miner_id }: { miner_id: string }) => miner_id === 'liar');
    expect(shown.models).toHaveLength(20);
  });

  test('lose their control characters, and count once', async () => {
    await claim('liar', [{ key: '\u0007\u001b' }, { key: 'x\u0008\u202Ey' }, { key: 'xy', load_ms: 5 }, { key: 'xy' }]);
    expect(await read('SELECT held FROM heurist.holder')).toEqual([{ held: [{ key: 'xy' }] }]);
  });

  test.each([
    ['a key of ten megabytes', JSON.stringify({ workflow_ids: ['a'], warm: [{ key: 'x'.repeat(1e7) }] }), 413],
    ['a load without end', '{"workflow_ids":["a"],"warm":[{"key":"a","load_ms":1e999}]}', 400],
    ['a load that is none', '{"workflow_ids":["a"],"warm":[{"key":"a","load_ms":null}]}', 400],
    ['a load of text', '{"workflow_ids":["a"],"warm":[{"key":"a","load_ms":"NaN"}]}', 400],
    ['a load before it began', '{"workflow_ids":["a"],"warm":[{"key":"a","load_ms":-0.5}]}', 400],
  ])('%s is refused', async (_, body, status) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys.get('liar')}` };
    const response = await fetch(`${network.url}/miner_request`, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await read('SELECT FROM heurist.holder')).toEqual([]);
  });

  test('a report of a load is bounded by the run', async () => {
    await create('a');
    const { task_id, lease_id } = await claim('liar', []);
    const { artifact_id } = await network.upload(lease_id, 'out', {}, keys.get('liar'));
    await network.submit(lease_id, { artifact_ids: [artifact_id], model_load_latency: 1e300 }, keys.get('liar'));
    expect((await network.query(task_id)).timings.load_ms).toBe(300_000);
  });
});

describe('what a miner holds', () => {
  test('may name LoRAs, which no task is matched by', async () => {
    const [older, younger] = [await create('a'), await create('b')];
    const warm = [{ key: 'cat_lora.safetensors', load_ms: 1 }, ...hold('b')];
    expect((await claim('honest', warm)).task_id).toBe(younger);
    expect((await claim('honest', warm)).task_id).toBe(older);
  });

  test.each([
    ['upper case', 'sd/A.safetensors'],
    ['the separator of folders', 'sd\\a.safetensors'],
    ['an end', 'sd/a.safetensors.old'],
  ])('is another model if it differs by %s', async (_, key) => {
    const [older] = [await create('b'), await create('a')];
    expect((await claim('honest', [{ key, load_ms: LOAD_MS }])).task_id).toBe(older);
  });

  test('is that of the machine: two with one key do not take it for each other', async () => {
    const wait = { wait_seconds: 20 };
    const claims = ['b', 'a'].map((name) => claim('honest', hold(name), { machine_id: name, ...wait }));
    await expect.poll(() => read('SELECT FROM heurist.holder')).toHaveLength(2);
    const [first, second] = [await create('a'), await create('b')];
    expect((await Promise.all(claims)).map(({ task_id }) => task_id)).toEqual([second, first]);
  });

  test('if two machines give one name, or none, each claim counts for itself', async () => {
    const ids = [await create('a'), await create('b'), await create('a'), await create('b')];
    const taken = [];
    for (const name of ['b', 'a', 'b', 'a'])
      taken.push((await claim('honest', hold(name), { machine_id: undefined })).task_id);
    expect(taken).toEqual([ids[1], ids[0], ids[3], ids[2]]);
  });
});

test('a graph with two hundred loaders has one key, of a hundred characters, and is found by it', async () => {
  const graph = (name: string) =>
    Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `${index}`,
        { class_type: 'UNETLoader', inputs: { unet_name: `${name} ${index}.safetensors` } },
      ]),
    );
  const other = await network.sequencer.createKey('consumer', 'other');
  const ids: string[] = [];
  for (const [name, key] of [
    ['x', network.consumer],
    ['y', other],
    ['y', network.consumer],
  ] as const) {
    const body = { task_type: 'raw', workflow_id: 'raw', task_details: { parameters: { graph: graph(name) } } };
    ids.push((await network.call('task_create', body, key)).json.task_id);
  }
  const raw = { workflow_ids: ['raw'] };
  const first = await claim('honest', [], raw);
  expect([first.task_id, first.model_key.length]).toEqual([ids[0], 100]);
  const second = await claim('honest', [], raw);
  expect(second.model_key).not.toBe(first.model_key);
  expect(await claim('honest', [{ key: second.model_key }], raw)).toMatchObject({
    task_id: ids[2],
    model_key: second.model_key,
  });
});

/** Runs a task to its end, as if that took so many seconds. */
async function run(miner: string, name: string, warm: object[], loadSeconds: number, seconds: number): Promise<void> {
  // who holds what is known for a second
  clock.skip(1001);
  await create(name);
  const { task_id, lease_id } = await claim(miner, warm);
  const earlier = `UPDATE heurist.task SET claimed_at = claimed_at - ${seconds} * interval '1 second' WHERE task_id = '${task_id}'`;
  await read(earlier);
  const { artifact_id } = await network.upload(lease_id, 'out', {}, keys.get(miner));
  await network.submit(lease_id, { artifact_ids: [artifact_id], model_load_latency: loadSeconds }, keys.get(miner));
}

test('a miner that is always cold is believed again after an hour, and for good if it behaves', async () => {
  for (const name of ['a', 'b']) {
    await run('honest', name, [], 20, 24);
    await run('honest', name, hold(name), 0, 4);
  }
  clock.skip(10_001);
  const isBelieved = async () => {
    clock.skip(1001);
    const [older, younger] = [await create('a'), await create('b')];
    const { task_id } = await claim('liar', hold('b'));
    await network.cancelAll();
    expect([older, younger]).toContain(task_id);
    return task_id === younger;
  };
  const doubt = async () => (await read('SELECT doubt FROM heurist.warm_doubt'))[0]?.doubt;
  expect(await isBelieved()).toBe(true);
  for (let count = 0; count < 4; count++) await run('liar', 'a', hold('a'), 0, 24);
  expect(await isBelieved()).toBe(false);
  await read(`UPDATE heurist.warm_doubt SET doubted_until = doubted_until - interval '1 hour'`);
  expect([await isBelieved(), await doubt()]).toEqual([true, 4]);
  // half of the doubt is left: two cold runs are enough now
  for (let count = 0; count < 2; count++) await run('liar', 'a', hold('a'), 0, 24);
  expect(await isBelieved()).toBe(false);
  await read(`UPDATE heurist.warm_doubt SET doubted_until = doubted_until - interval '1 hour'`);
  expect(await isBelieved()).toBe(true);
  for (let count = 0; count < 4; count++) await run('liar', 'a', hold('a'), 0, 4);
  expect([await isBelieved(), await doubt()]).toEqual([true, 0]);
});

test('new miners leave an old one, which says nothing of models, what it can take', async () => {
  await claim('honest', hold('b'));
  clock.skip(1001);
  const ids = [await create('a'), await create('b'), await create('a'), await create('b')];
  const taken = [];
  for (let count = 0; count < 2; count++)
    taken.push((await claim('old')).task_id, (await claim('honest', hold('b'))).task_id);
  expect(taken).toEqual([ids[0], ids[1], ids[2], ids[3]]);
});
