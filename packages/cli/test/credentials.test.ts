import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCredentials } from '../src/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
const start = async () =>
  createSequencer({ database: await openDatabase(), artifacts: createFolderStore(folder), workflows: [] });
let sequencer: Sequencer;
beforeAll(async () => {
  sequencer = await start();
});
afterAll(async () => {
  await sequencer.close();
  rmSync(folder, { recursive: true });
});

test('sequencers that start together with one folder, not there yet, come to the same keys', async () => {
  const dataDir = join(folder, 'deep', 'data');
  const all = await Promise.all(Array.from({ length: 5 }, () => loadCredentials(sequencer, dataDir)));
  expect(new Set(all.map(({ consumer }) => consumer)).size).toBe(1);
  expect(await loadCredentials(sequencer, dataDir)).toEqual(all[0]);
  expect(readdirSync(dataDir)).toEqual(['credentials.json']);
  expect(statSync(join(dataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
});

test('keys of a network that is gone are replaced; those that could not be stored are none', async () => {
  const dataDir = join(folder, 'deep', 'data');
  const before = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));
  const other = await start();
  writeFileSync(join(folder, 'file'), '');
  await expect(loadCredentials(other, join(folder, 'file'))).rejects.toThrow();
  const after = await loadCredentials(other, dataDir);
  expect(after.consumer).not.toBe(before.consumer);
  expect(JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'))).toEqual(after);
  await other.close();
});

test('a network that had keys gets no first keys, for whatever folder; only its own process renews what it needs', async () => {
  const boss = await sequencer.createKey('operator', 'boss');
  const call = async (name: string, body: object) => {
    const headers = { authorization: `Bearer ${boss}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await sequencer.app.request(`/${name}`, request);
    return (await response.json()) as { keys: { key_id: string; owner: string }[] };
  };
  const owners = async () => (await call('key_list', {})).keys.map(({ owner }) => owner);
  for (const { key_id, owner } of (await call('key_list', {})).keys)
    if (owner === 'local') await call('key_revoke', { key_id });
  const dataDir = join(folder, 'deep', 'data');
  for (const place of [dataDir, join(folder, 'replica'), undefined])
    expect(await loadCredentials(sequencer, place)).toEqual({});
  expect(readdirSync(folder)).not.toContain('replica');
  expect(await owners()).toEqual(['boss']);
  const own = await loadCredentials(sequencer, dataDir, ['consumer', 'miner']);
  expect(Object.keys(own)).toEqual(['consumer', 'miner']);
  expect(await loadCredentials(sequencer, dataDir, ['consumer', 'miner'])).toEqual(own);
  expect(await owners()).toEqual(['local', 'local', 'boss']);
});
