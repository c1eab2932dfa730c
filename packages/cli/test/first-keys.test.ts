// The real command, as containers run it: several starts on one PostgreSQL, each with an empty data folder.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'first-keys-'));
let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(cwd, { recursive: true, force: true });
});

test('the first start makes one key of each role and says what they are for; the next ones make none', async () => {
  const database = await server.createDatabase();
  const start = async (folder: string) => {
    const sequencer = startCli(['sequencer', '--port', '0', '--data-dir', folder], {
      cwd,
      env: { DATABASE_URL: database },
    });
    await sequencer.says('Miners:');
    const { stdout } = sequencer.output;
    return { stdout, url: /Sequencer at (\S+)/.exec(stdout)?.[1] ?? '', sequencer };
  };
  const stop = async ({ sequencer }: Awaited<ReturnType<typeof start>>) => {
    sequencer.child.kill('SIGTERM');
    expect((await sequencer.ended).code).toBe(0);
  };

  const first = await start('volume-1');
  expect(first.stdout).toMatch(
    /The first keys are in volume-1\/credentials\.json:\n {2}consumer {2}for apps \(HEURIST_API_KEY\).*\n {2}miner {5}for miners \(HEURIST_MINER_KEY\).*\n {2}operator {2}for you \(HEURIST_OPERATOR_KEY\).*keep it to yourself\n/,
  );
  const keys = JSON.parse(readFileSync(join(cwd, 'volume-1/credentials.json'), 'utf8'));
  expect(Object.keys(keys)).toEqual(['consumer', 'miner', 'operator']);
  // logs keep what a service prints
  expect(first.stdout).not.toMatch(/[0-9a-f]{64}/);
  await stop(first);

  for (const folder of ['volume-2', 'volume-3']) {
    const next = await start(folder);
    expect(next.stdout).toContain('The keys of this network are elsewhere, and no new ones are made');
    expect(existsSync(join(cwd, folder, 'credentials.json'))).toBe(false);
    const env = { HEURIST_SEQUENCER_URL: next.url, HEURIST_OPERATOR_KEY: keys.operator };
    const list = await runCli(['keys', 'list'], { cwd, env });
    expect(list.stdout.match(/^\S+ {2}(consumer|miner|operator)\b/gm)).toHaveLength(3);
    await stop(next);
  }
}, 60_000);
