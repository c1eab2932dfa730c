import { describe, expect, test } from 'vitest';
import { HeldModels, type LoadTimes } from './held-models.ts';

const WARM_MS = 1000;
const LOAD_MS = 20_000;

/**
 * Runs tasks on a ComfyUI that keeps the models of the last `capacity` runs, and tells what was measured of each. Its nodes that load
 * run only if they have to.
 */
function createComfyui(models: HeldModels, capacity: number) {
  const held: string[] = [];
  return (key: string, workflow_id = 'draw', loaders_ms = 0) => {
    const depth = models.use(key);
    const isWarm = held.includes(key);
    held.splice(0, held.length, key, ...held.filter((other) => other !== key).slice(0, capacity - 1));
    const times = isWarm ? { ready_ms: WARM_MS, loaders_ms: 0 } : { ready_ms: WARM_MS + LOAD_MS, loaders_ms };
    return models.record({ key, workflow_id, depth, ...times });
  };
}

const keysOf = ({ warm }: HeldModels) => warm.map(({ key }) => key);

test('what loading costs is known once a model was run cold and warm', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 1);
  expect(run('a')).toBeUndefined();
  expect(models.warm).toEqual([{ key: 'a' }]);
  expect(run('a')).toBe(0);
  expect(models.warm).toEqual([{ key: 'a', load_ms: LOAD_MS }]);
  run('b');
  expect(run('a')).toBe(LOAD_MS);
});

test('until then, the nodes that load tell', () => {
  const models = new HeldModels();
  expect(createComfyui(models, 1)('a', 'draw', 4000)).toBe(4000);
  expect(models.warm).toEqual([{ key: 'a', load_ms: 4000 }]);
});

test('holds one model until an older one is found in memory', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 2);
  for (const key of ['a', 'a', 'b', 'b']) run(key);
  expect(keysOf(models)).toEqual(['b']);
  expect(run('a')).toBe(0);
  expect(keysOf(models)).toEqual(['a', 'b']);
});

test('holds fewer once one that should be there had to be loaded', () => {
  const models = new HeldModels();
  const large = createComfyui(models, 3);
  for (const key of ['a', 'a', 'b', 'b', 'c', 'c', 'a']) large(key);
  expect(keysOf(models)).toEqual(['a', 'c', 'b']);
  // another program takes some of the memory
  const small = createComfyui(models, 1);
  small('a');
  expect(small('c')).toBe(LOAD_MS);
  expect(keysOf(models)).toEqual(['c']);
});

test('a model of one workflow is in memory for the next', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 1);
  for (const key of ['a', 'a']) run(key);
  expect(run('a', 'enlarge')).toBe(0);
  expect(keysOf(models)).toEqual(['a']);
});

test('larger graphs are not taken for loads', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 1);
  for (const key of ['a', 'a']) run(key);
  for (const ready_ms of [3000, 6000, 9000])
    expect(models.record({ key: 'a', workflow_id: 'draw', depth: models.use('a'), ready_ms, loaders_ms: 0 })).toBe(0);
});

test('a run that takes longer, as the first one after a start does, counts once', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 1);
  const first = { ready_ms: 5 * LOAD_MS, loaders_ms: 8000 };
  models.record({ key: 'a', workflow_id: 'draw', depth: models.use('a'), ...first });
  run('b');
  for (const key of ['a', 'a', 'b', 'a']) run(key, 'draw', 2000);
  expect(models.loadMs('a')).toBe(LOAD_MS);
  // so does a later one
  models.record({ key: 'a', workflow_id: 'draw', depth: models.use('a'), ...first });
  run('b');
  run('a', 'draw', 2000);
  expect(models.record({ key: 'a', workflow_id: 'draw', depth: models.use('a'), ...first })).toBe(
    first.ready_ms - WARM_MS,
  );
  expect(models.loadMs('a')).toBe(LOAD_MS);
});

describe('nodes that load', () => {
  const CASES = [
    ['a tenth of the usual: cold, though it was quick', 200, 2000, 1000],
    ['for a moment: they found it in memory', 10, 2000, 0],
    ['not at all', 0, 2000, 0],
    ['not at all, and yet it took long: a sampler has loaded it', 0, 21_000, 20_000],
  ] as const;
  test.each(CASES)('%s', (_, loaders_ms, ready_ms, load) => {
    const models = new HeldModels();
    const run = createComfyui(models, 1);
    for (const key of ['a', 'a', 'b', 'a', 'a']) run(key, 'draw', 2000);
    expect(models.record({ key: 'a', workflow_id: 'draw', depth: models.use('a'), ready_ms, loaders_ms })).toBe(load);
  });
});

test('what was freed is not held, and its load time stays', () => {
  const models = new HeldModels();
  const run = createComfyui(models, 1);
  for (const key of ['a', 'a']) run(key);
  models.clear();
  expect(models.warm).toEqual([]);
  expect(models.loadMs('a')).toBe(LOAD_MS);
});

describe('after a restart of the miner', () => {
  let kept: Record<string, LoadTimes> = {};
  const before = new HeldModels({}, (times) => {
    kept = structuredClone(times);
  });
  const run = createComfyui(before, 1);
  for (const key of ['a', 'a', 'b']) run(key);

  test('load times are known, what is held is not', () => {
    const models = new HeldModels(kept);
    expect(models.warm).toEqual([]);
    expect(models.loadMs('a')).toBe(LOAD_MS);
  });

  test('a model that is still in memory is found there', () => {
    const models = new HeldModels(kept);
    const depth = models.use('a');
    expect(models.record({ key: 'a', workflow_id: 'draw', depth, ready_ms: WARM_MS, loaders_ms: 0 })).toBe(0);
  });
});

test('a consumer that invents models does not fill the memory', () => {
  let kept = {};
  const models = new HeldModels({}, (times) => {
    kept = times;
  });
  const run = createComfyui(models, 1);
  for (let index = 0; index < 1000; index++) run(`model ${index}`);
  expect(Object.keys(kept)).toHaveLength(200);
  expect(models.warm).toHaveLength(1);
});
