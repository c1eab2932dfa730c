// The lines of `docs/deploy/backup.md`, on a server of their own: its programs are in Debian's `postgresql` and others' packages.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@heurist/test-servers/free-port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

const page = readFileSync(new URL('../../../../docs/deploy/backup.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w+).*\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , text]) => text!);
const [dump, restoreDump, baseBackup, copyFiles, restore] = blocks('sh') as [string, string, string, string, string];
const [archiving] = blocks('text') as [string];

/** The newest PostgreSQL of this machine that brings all of its programs. */
const programs = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);

/** PostgreSQL refuses root. */
const isRoot = userInfo().uid === 0;
const account = isRoot ? 'postgres' : userInfo().username;

let folder: string;
let port: number;
let network: Network | undefined;
let variables: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  chmodSync(folder, 0o777);
  port = await freePort();
  variables = {
    PATH: `${programs}:${process.env.PATH}`,
    PGDATA: join(folder, 'server'),
    BACKUP: join(folder, 'backup'),
    FILES: join(folder, 'data/artifacts'),
    ADMIN_URL: `postgres://postgres@127.0.0.1:${port}/postgres`,
    DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/heurist`,
  };
  mkdirSync(join(folder, 'backup/wal'), { recursive: true });
  for (const path of ['backup', 'backup/wal']) chmodSync(join(folder, path), 0o777);
});

afterEach(async () => {
  await network?.stop();
  if (existsSync(join(folder, 'server/postmaster.pid'))) await sh('pg_ctl stop --mode immediate');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs lines of the page, as the account of the server. */
async function sh(lines: string): Promise<string> {
  const env = { ...variables, HOME: folder };
  const [command = '', ...args] = isRoot
    ? ['runuser', '-u', account, '--', 'bash', '-euc', lines]
    : ['bash', '-euc', lines];
  return (await promisify(execFile)(command, args, { env, cwd: folder })).stdout;
}

const startServer = () =>
  sh(
    `pg_ctl start --wait --log server.log --options "-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}"`,
  );

async function createServer(settings = ''): Promise<void> {
  await sh('initdb --username postgres --auth trust >/dev/null');
  await sh(`cat >> "$PGDATA/postgresql.conf" <<'END'\n${settings}\nEND`);
  await startServer();
  await createDatabase();
}

const createDatabase = () => sh('createdb --maintenance-db "$ADMIN_URL" heurist');
const ask = async (statement: string) =>
  (await sh(`psql --no-align --tuples-only "$DATABASE_URL" --command "${statement}"`)).trim();

async function startSequencer(): Promise<Network> {
  network = await startNetwork({ dataDir: join(folder, 'data'), location: variables.DATABASE_URL });
  await openFolder();
  return network;
}

/** The lines of the page copy its files as another account, if this one is root. */
async function openFolder(): Promise<void> {
  if (isRoot) await promisify(execFile)('chmod', ['-R', 'a+rwX', join(folder, 'data')]);
}

/** Submits a task and ends it, with a file that has this text. */
async function finish(text: string) {
  await network!.create();
  return await work(text);
}

/** Claims the next task and ends it. */
async function work(text: string) {
  const { task_id, lease_id } = await network!.claim();
  const { artifact_id } = await network!.upload(lease_id, text);
  await network!.submit(lease_id, { artifact_ids: [artifact_id] });
  await openFolder();
  return { task_id, text };
}

async function expectFile({ task_id, text }: { task_id: string; text: string }): Promise<void> {
  const { status, outputs } = await network!.query(task_id);
  expect(status).toBe('finished');
  expect(await (await fetch(outputs[0].url)).text()).toBe(text);
}

describe.skipIf(!programs)('backups (skipped without /usr/lib/postgresql: install the package postgresql)', () => {
  test('a dump, restored into an empty database', async () => {
    await createServer();
    await startSequencer();
    const kept = await finish('before the dump');
    const open = (await network!.create({ job_id: 'open' })).json.task_id;
    await sh(dump);
    const lost = (await network!.create({ job_id: 'lost' })).json.task_id;
    await network!.stop();
    await sh('dropdb --force --maintenance-db "$ADMIN_URL" heurist');
    rmSync(variables.FILES!, { recursive: true });
    await createDatabase();
    await sh(restoreDump);
    await startSequencer();
    await expectFile(kept);
    expect((await network!.query(open)).status).toBe('waiting');
    expect((await network!.query(lost)).code).toBe('not_found');
    const again = (await network!.create({ job_id: 'lost' })).json.task_id;
    expect((await network!.query(again)).status).toBe('waiting');
  }, 60_000);

  test('to a moment between two tasks', async () => {
    await createServer(archiving.replaceAll('$BACKUP', variables.BACKUP!));
    await startSequencer();
    const first = await finish('before the base backup');
    await sh(baseBackup);
    const second = await finish('after the base backup');
    const running = (await network!.create()).json.task_id;
    await network!.claim();
    await sh(copyFiles);
    variables.TARGET = await ask('SELECT clock_timestamp()');
    const { task_id: late } = await finish('after the moment');
    await ask('SELECT pg_switch_wal()');
    await expect
      .poll(async () => await ask('SELECT last_archived_wal IS NOT NULL AND failed_count = 0 FROM pg_stat_archiver'))
      .toBe('t');
    await network!.stop();
    await sh('pg_ctl stop --mode fast');
    for (const path of [variables.PGDATA!, variables.FILES!]) rmSync(path, { recursive: true });
    await sh(restore);
    await startServer();
    await expect.poll(() => ask('SELECT pg_is_in_recovery()'), { timeout: 20_000 }).toBe('f');
    await startSequencer();
    await expectFile(first);
    await expectFile(second);
    expect((await network!.query(late)).code).toBe('not_found');
    // its lease ends, and it goes to another miner
    await network!.ageHeartbeats(600);
    await expect.poll(async () => (await network!.query(running)).status, { timeout: 20_000 }).toBe('waiting');
    const again = await work('after the restore');
    expect(again.task_id).toBe(running);
    await expectFile(again);
  }, 90_000);
});
