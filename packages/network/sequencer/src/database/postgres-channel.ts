import { Backoff } from '@heurist/server-kit/backoff';
import { sleep } from '@heurist/server-kit/sleep';
import type pg from 'pg';
import { type Channel, HEARD_WITHIN_MS, type Sql } from './database.ts';
import type { Connections } from './postgres-connections.ts';
import { describeFailure } from './postgres-errors.ts';
import type { PostgresLimits } from './postgres-limits.ts';

const CHANNEL = 'heurist';
const RECONNECT = { firstMs: 1000, maxMs: 15_000 };

/** LISTEN needs a connection of its own. */
export function channelOf(sql: Sql, connections: Connections, { pingMs, pulseMs }: PostgresLimits): Channel {
  return {
    async publish(message) {
      await sql.query('SELECT pg_notify($1, $2)', [CHANNEL, message]);
    },
    async subscribe(onMessage, onGap) {
      const stopping = new AbortController();
      const backoff = new Backoff(RECONNECT);
      let client: pg.Client | undefined;
      /** When the last question was asked that was answered: the server sends what was published before it first. */
      let heardUntil = Number.NEGATIVE_INFINITY;

      async function connect(): Promise<void> {
        const next = await connections.connectAlone('heurist-sequencer events', pingMs);
        next.on('notification', ({ payload }) => onMessage(payload ?? ''));
        try {
          await next.query(`LISTEN ${CHANNEL}`);
        } catch (error) {
          // else each try would leave a connection behind: a standby refuses to listen
          connections.destroy(next);
          throw describeFailure(error);
        }
        if (stopping.signal.aborted) return connections.destroy(next);
        next.once('end', () => void reconnect());
        client = next;
        backoff.reset();
        void ping(next);
      }
      /** News that stop coming look like a quiet network: only a question tells the difference. */
      async function ping(listening: pg.Client): Promise<void> {
        while (client === listening) {
          await sleep(pulseMs, stopping.signal);
          if (stopping.signal.aborted) return;
          const askedAt = performance.now();
          await listening.query('SELECT 1').then(
            () => {
              if (client === listening) heardUntil = askedAt;
            },
            () => connections.destroy(listening),
          );
        }
      }
      async function reconnect(): Promise<void> {
        client = undefined;
        heardUntil = Number.NEGATIVE_INFINITY;
        while (!stopping.signal.aborted) {
          await sleep(backoff.next(), stopping.signal);
          if (stopping.signal.aborted) return;
          const isConnected = await connect().then(
            () => true,
            () => false,
          );
          if (isConnected) return onGap();
        }
      }

      await connect();
      return {
        isCurrent: () => performance.now() - heardUntil < HEARD_WITHIN_MS,
        async stop() {
          stopping.abort();
          if (client) connections.destroy(client);
        },
      };
    },
  };
}
