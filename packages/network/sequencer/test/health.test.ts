import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSequencer } from '../src/create-sequencer.ts';
import { createFolderStore, createSequencer } from '../src/index.ts';
import { openTestDatabase } from './support/database.ts';
import { type Network, startNetwork } from './support/network.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'health-')), 'artifacts');
let network: Network;
beforeAll(async () => {
  network = await startNetwork({ artifacts: createFolderStore(folder) });
});
afterAll(() => network.stop());

const get = async (path: string) => {
  const response = await fetch(new URL(path, network.url));
  return [response.status, await response.json()];
};

test('ready means that files can be stored; a health check asks for less', async () => {
  expect(await get('/readyz')).toEqual([200, { status: 'ready' }]);
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
  const message = 'Files cannot be stored now. The log of this server says why.';
  await expect.poll(() => get('/readyz')).toEqual([503, { code: 'unavailable', message }]);
  expect(await get('/healthz')).toEqual([200, { status: 'ok' }]);
  rmSync(folder);
  renameSync(`${folder}.away`, folder);
  await expect.poll(() => get('/readyz')).toEqual([200, { status: 'ready' }]);
});

test('strangers who ask a thousand times make the disk write a few times', async () => {
  let checks = 0;
  const store = createFolderStore(mkdtempSync(join(tmpdir(), 'health-')));
  const clock = new FakeClock();
  const database = await openTestDatabase();
  const check = async () => {
    checks++;
    await store.check?.();
  };
  const sequencer = await startSequencer({ database, artifacts: { ...store, check }, workflows: [] }, clock);
  await expect.poll(() => checks).toBeGreaterThan(1);
  const before = checks;
  const statusOf = async () => (await sequencer.app.request('/readyz')).status;
  const many = await Promise.all(Array.from({ length: 1000 }, statusOf));
  expect(new Set(many)).toEqual(new Set([200]));
  expect(checks - before).toBe(1);
  await clock.advance(250);
  expect([await statusOf(), checks - before]).toEqual([200, 2]);
  await sequencer.close();
});

test('a sequencer does not start over a folder that cannot be written', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'health-')), 'file');
  writeFileSync(file, '');
  const database = await openTestDatabase();
  const start = createSequencer({ database, artifacts: createFolderStore(file), workflows: [] });
  await expect(start).rejects.toThrow(`Files cannot be stored in ${file} (`);
  await database.close();
});

test.each([
  ['is gone', rmSync],
  ['is cut off', (path: string) => truncateSync(path, 3)],
  [
    'is a folder now',
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
])('a file that %s is not found, by HEAD neither', async (_, harm) => {
  await network.create();
  const { lease_id, task_id } = await network.claim();
  const { artifact_id } = await network.upload(lease_id);
  await network.submit(lease_id, { artifact_ids: [artifact_id] });
  const { result } = await network.query(task_id);
  expect((await fetch(result)).status).toBe(200);
  const path = join(folder, artifact_id.slice(0, 2), artifact_id);
  harm(path);
  const message = 'This file is no longer in the storage of the network.';
  expect(await get(result)).toEqual([404, { code: 'not_found', message }]);
  expect((await fetch(result, { method: 'HEAD' })).status).toBe(404);
});
