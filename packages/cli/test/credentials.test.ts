import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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

test('keys of a network that is gone are replaced', async () => {
  const dataDir = join(folder, 'moved');
  const before = await loadCredentials(sequencer, dataDir);
  const other = await start();
  const after = await loadCredentials(other, dataDir);
  expect(after.consumer).not.toBe(before.consumer);
  expect(JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'))).toEqual(after);
  await other.close();
});
