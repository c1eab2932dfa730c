import { sleep } from '@heurist/server-kit/sleep';
import { openClient, startPostgres } from '@heurist/test-servers/postgres';
import { type Primary, startStandby } from '@heurist/test-servers/standby';
import { startTcpProxy, type TcpProxy } from '@heurist/test-servers/tcp-proxy';

/** The database of a network, as the ledger needs it. */
export interface LedgerDatabase {
  query<Row>(text: string): Promise<Row[]>;
}

/** A PostgreSQL that the replicas reach through a proxy. */
export interface PostgresVictim extends LedgerDatabase {
  /** Where the replicas find it: always the same address. */
  readonly location: string;
  readonly proxy: TcpProxy;
  restart(): Promise<void>;
  /** Kills it; its standby takes over, after a while in recovery. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The check of turns needs to know when each transaction was committed. Processes die here, and the machine does not: what
 * they have written is kept without syncs, which would take most of the time.
 */
const SETTINGS = { track_commit_timestamp: 'on', fsync: 'off' };
/** How long replicas find only a standby in recovery. */
const RECOVERY_MS = 1000;

export async function startPostgresVictim(): Promise<PostgresVictim> {
  const servers: Primary[] = [];
  const first = await startPostgres(SETTINGS);
  servers.push(first);
  let primary: Primary = first;
  const { pathname, username, password } = new URL(await first.createDatabase());
  const proxy = await startTcpProxy({ port: primary.port });
  return {
    location: `postgres://${username}:${password}@127.0.0.1:${proxy.port}${pathname}`,
    proxy,
    restart: () => primary.restart(),
    async failOver() {
      const standby = await startStandby(primary, SETTINGS);
      servers.push(standby);
      await primary.kill();
      proxy.setTarget(standby.port);
      proxy.resetOpen();
      await sleep(RECOVERY_MS);
      await standby.promote();
      primary = standby;
    },
    async query(text) {
      const client = await openClient(primary.port, pathname.slice(1));
      return await client
        .query(text)
        .then(({ rows }) => rows)
        .finally(() => client.end());
    },
    async stop() {
      await proxy.stop();
      for (const server of servers) await server.stop();
    },
  };
}
