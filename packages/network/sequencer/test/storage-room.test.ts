import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDataFolder } from './support/database.ts';
import { startNetwork } from './support/network.ts';

test.each([
  ['a disk with too little room', { minFreeBytes: Number.MAX_SAFE_INTEGER }],
  ['a limit of the operator', { maxStoredBytes: 5 }],
])(
  '%s: the oldest goes at the next start, what ended lately stays',
  async (_, options) => {
    const dataDir = await createDataFolder();
    const warnings: string[] = [];
    const logger = { info() {}, warn: (message: string) => void warnings.push(message), error() {} };
    let network = await startNetwork({ dataDir });
    const finish = async () => {
      await network.create();
      const { task_id, lease_id } = await network.claim();
      const { artifact_id } = await network.upload(lease_id);
      await network.submit(lease_id, { artifact_ids: [artifact_id] });
      return task_id as string;
    };
    const [old, young] = [await finish(), await finish()];
    const ago = `now() - interval '2 hours'`;
    await network.database.query(`UPDATE heurist.task SET ended_at = ${ago} WHERE task_id = $1`, [old]);
    await network.database.query(`UPDATE heurist.artifact SET stored_at = ${ago}`);
    // as if it had not been counted yet
    await network.database.query(`DELETE FROM heurist.setting WHERE name = 'stored_until'`);
    await network.stop();
    network = await startNetwork({ dataDir, logger, ...options });
    await expect.poll(async () => (await network.query(old)).code, { timeout: 10_000 }).toBe('not_found');
    const { outputs } = await network.query(young);
    expect(await (await fetch(outputs[0].url)).text()).toBe('result');
    expect(warnings).toContainEqual(expect.stringContaining('nearly full'));
    await network.stop();
    rmSync(dataDir, { recursive: true, force: true });
  },
  30_000,
);
