// A standby that streams from a test server. The package of the binaries has no pg_basebackup, so the copy is made by the
// functions that pg_basebackup uses: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import {
  account,
  createServer,
  killServer,
  openClient,
  type PostgresSettings,
  startStandbyServer,
} from './postgres.ts';

/** A server that a standby can follow. */
export interface Primary {
  readonly port: number;
  readonly dataFolder: string;
  restart(): Promise<void>;
  /** Ends it as a power failure does, for good. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A copy of a server that follows it. */
export interface Standby extends Primary {
  /** Makes it a server of its own. Its primary must be gone. */
  promote(): Promise<void>;
}

/**
 * Starts a standby that follows a server. From then on, the server acknowledges only what the standby has too, until the
 * standby is promoted or stopped.
 *
 * @param settings - the same as those of the server
 */
export async function startStandby(primary: Primary, settings: PostgresSettings = {}): Promise<Standby> {
  const { server, port, dataFolder, stop } = await createServer(settings);
  await copyData(primary, dataFolder);
  await startStandbyServer(server, port);
  await acknowledgeTogether(primary.port, port);
  return {
    port,
    dataFolder,
    async promote() {
      await ask(port, 'SELECT pg_promote()');
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    kill: () => killServer(server, dataFolder),
    stop,
  };
}

/** In one session: Postgres ends the backup with its connection. */
async function copyData(primary: Primary, to: string): Promise<void> {
  const client = await openClient(primary.port);
  try {
    await client.query(`SELECT pg_backup_start('standby', true)`);
    await copyLiveFolder(primary.dataFolder, to);
    const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)');
    makeStandby(to, rows[0].labelfile, primary.port);
  } finally {
    await client.end();
  }
}

/** With its owner. Files may go or change meanwhile: the log of the server says what they are in the end. */
async function copyLiveFolder(from: string, to: string): Promise<void> {
  await once(spawn('cp', ['-a', from, to], { stdio: 'ignore' }), 'exit');
}

function makeStandby(folder: string, label: string, primaryPort: number): void {
  for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(folder, name), { force: true });
  const log = join(folder, 'pg_wal');
  for (const name of readdirSync(log)) if (/^[0-9A-F]{24}/.test(name)) rmSync(join(log, name));
  const { uid, gid } = statSync(folder);
  for (const [name, text] of [
    ['backup_label', label],
    ['standby.signal', ''],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chownSync(join(folder, name), uid, gid);
  }
  const source = `host=127.0.0.1 port=${primaryPort} user=${account.user} password=${account.password}`;
  // the last line of a setting counts
  appendFileSync(
    join(folder, 'postgresql.auto.conf'),
    `\nprimary_conninfo = '${source}'\nsynchronous_standby_names = ''\n`,
  );
}

async function acknowledgeTogether(primaryPort: number, standbyPort: number): Promise<void> {
  while (!(await ask(primaryPort, `SELECT FROM pg_stat_replication WHERE state = 'streaming'`)).length) await sleep(50);
  await ask(primaryPort, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await ask(primaryPort, 'SELECT pg_reload_conf()');
  await ask(standbyPort, 'SELECT pg_wal_replay_pause()');
  try {
    while (!(await waitsForStandby(primaryPort))) await sleep(50);
  } finally {
    await ask(standbyPort, 'SELECT pg_wal_replay_resume()');
  }
}

/**
 * Whether a commit waits for the standby by now: a server reads its settings again some time after it was told to. The standby
 * applies nothing at the moment, so that a commit which waits until it does cannot end.
 */
async function waitsForStandby(primaryPort: number): Promise<boolean> {
  const client = await openClient(primaryPort);
  await client.query('SET synchronous_commit = remote_apply');
  let isCommitted = false;
  const commit = client
    .query(`SELECT pg_logical_emit_message(true, 'probe', '')`)
    .then(() => {
      isCommitted = true;
    })
    .finally(() => client.end());
  while (!isCommitted) {
    const waiting = await ask(primaryPort, `SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
    if (waiting.length) break;
    await sleep(20);
  }
  if (isCommitted) await commit;
  // it ends with the pause of the standby
  else commit.catch(() => {});
  return !isCommitted;
}

async function ask(port: number, text: string): Promise<unknown[]> {
  const client = await openClient(port);
  return await client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}
