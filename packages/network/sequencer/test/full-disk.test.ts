// A storage of files that cannot be written any more, while tasks run.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFolderStore } from '../src/index.ts';
import { type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'full-')), 'artifacts');
const clock = new SkipClock();
let logged: string[] = [];
let network: Network;
beforeAll(async () => {
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  network = await startNetwork({
    artifacts: createFolderStore(folder),
    clock,
    leaseSeconds: 600,
    logger: { info() {}, warn: log, error: log },
  });
});
beforeEach(async () => {
  logged = [];
  await network.cancelAll();
  clock.skip(61_000);
});
afterAll(() => network.stop());

function breakFolder(): void {
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
}
function mendFolder(): void {
  rmSync(folder);
  renameSync(`${folder}.away`, folder);
}
const linesOf = (message: string) => logged.filter((line) => line.startsWith(message));

test('attempts end that cannot store their files, and so does the task, with the reason', async () => {
  const { json } = await network.create();
  breakFolder();
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { lease_id, task_id } = await network.claim();
    expect(task_id).toBe(json.task_id);
    for (let count = 0; count < 5; count++) expect((await network.upload(lease_id)).status).toBe(503);
    // a disk may be full for some seconds
    expect(await network.query(task_id)).toMatchObject({ status: 'running', attempt });
    clock.skip(61_000);
    expect((await network.upload(lease_id)).status).toBe(503);
    expect((await network.heartbeat(lease_id)).json.code).toBe('lease_lost');
  }
  mendFolder();
  expect(await network.query(json.task_id)).toMatchObject({
    status: 'failed',
    error: {
      code: 'storage_failed',
      message: expect.stringContaining('storage cannot be written'),
      is_retryable: true,
    },
    history: [1, 2, 3].map((attempt) => ({ attempt, code: 'storage_failed' })),
  });
  // nobody is blamed
  expect(await network.database.query('SELECT * FROM heurist.standing')).toEqual([]);
});

test('the log says so, about once a minute, and the next file is stored as soon as that can be', async () => {
  await network.create();
  const { lease_id } = await network.claim();
  breakFolder();
  for (let count = 0; count < 5; count++) await network.upload(lease_id);
  expect(linesOf('file not stored')).toEqual([expect.stringContaining('ENOTDIR')]);
  clock.skip(61_000);
  mendFolder();
  const { artifact_id, status } = await network.upload(lease_id);
  expect(status).toBe(200);
  expect((await network.submit(lease_id, { artifact_ids: [artifact_id] })).status).toBe(200);
});

test('what a miner reports while the storage fails is not its fault', async () => {
  const { json } = await network.create();
  const { lease_id } = await network.claim();
  breakFolder();
  await network.upload(lease_id);
  mendFolder();
  const error = { code: 'upload_failed', message: 'no', is_retryable: true };
  await network.submit(lease_id, { success: false, error });
  expect(await network.query(json.task_id)).toMatchObject({ status: 'waiting' });
  expect(await network.database.query('SELECT * FROM heurist.standing')).toEqual([]);
});
