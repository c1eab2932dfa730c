import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/index.ts';
import { createDataFolder } from './support/database.ts';
import { startNetwork } from './support/network.ts';

test('a restart loses nothing that was acknowledged', async () => {
  const dataDir = await createDataFolder();
  const before = await startNetwork({ dataDir });
  const [finished, running, waiting] = await Promise.all(
    [1, 2, 3].map(async () => (await before.create()).json.task_id),
  );
  const claimed = [await before.claim(), await before.claim()];
  const done = claimed.find(({ task_id }) => task_id === finished) ?? claimed[0];
  const { artifact_id } = await before.upload(done.lease_id, 'kept');
  await before.submit(done.lease_id, { artifact_ids: [artifact_id] });
  const held = claimed.find((task) => task !== done);
  await before.stop();

  const after = await startNetwork({ dataDir });
  try {
    // consumers' and miners' keys of before are still good, and so is the lease
    const query = async (task_id: string) =>
      (await after.call('task_result_query', { task_id, api_key: before.api_key })).json;
    const kept = await query(done.task_id);
    expect(kept.status).toBe('finished');
    expect(await (await fetch(kept.result)).text()).toBe('kept');
    expect((await query(held.task_id)).status).toBe('running');
    expect((await after.heartbeat(held.lease_id, { percent: 50 }, before.rig)).json).toMatchObject({ cancel: false });
    const last = [finished, running, waiting].find((id) => id !== done.task_id && id !== held.task_id);
    expect((await query(last)).status).toBe('waiting');
    expect((await after.claim()).task_id).toBe(last);
  } finally {
    await after.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a killed process loses nothing that was acknowledged', async () => {
  const folder = await createDataFolder();
  const child = fork(new URL('./support/submit-until-killed.ts', import.meta.url), [folder], { stdio: 'inherit' });
  const acknowledged: string[] = [];
  await new Promise<void>((resolve) => {
    child.on('message', (task_id: string) => {
      acknowledged.push(task_id);
      if (acknowledged.length === 40) child.kill('SIGKILL');
    });
    child.on('exit', () => resolve());
  });
  expect(acknowledged.length).toBeGreaterThanOrEqual(40);
  const database = await openDatabase(folder);
  const rows = await database.query<{ task_id: string }>(
    'SELECT task.task_id FROM heurist.task AS task JOIN pgboss.job AS job ON job.id = task.task_id',
  );
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  const stored = new Set(rows.map(({ task_id }) => task_id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
});

test('one data folder, one process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'locked-'));
  const first = await openDatabase(folder);
  await expect(openDatabase(folder)).rejects.toThrow('in use');
  await first.close();
  await (await openDatabase(folder)).close();
  rmSync(folder, { recursive: true, force: true });
});
