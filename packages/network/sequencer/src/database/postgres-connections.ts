import { Socket } from 'node:net';
import { sleep } from '@heurist/server-kit/sleep';
import pg from 'pg';
import { describeFailure, isSuspicious } from './postgres-errors.ts';
import { type PostgresLimits, SETUP_STATEMENT_MS } from './postgres-limits.ts';

/** Numbers that Postgres sends as text, since they might not fit: ours count tasks. */
const types = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * Limits on the server's side, for when it hears nothing of us: a statement whose sequencer has gone, or a transaction that
 * one has left open, must not keep its locks. What the operator has set is kept. As statements, since a pooler in between
 * refuses unknown settings in the greeting.
 */
const SESSION_LIMITS = `SELECT set_config(name, $1::text, false) FROM pg_settings
  WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout') AND setting = '0'`;

/** The connections to one server. */
export class Connections {
  readonly #url: string;
  readonly #limits: PostgresLimits;
  readonly #pool: pg.Pool;
  readonly #sockets = new WeakMap<pg.ClientBase, Socket>();
  readonly #open = new Set<Socket>();
  /** When each connection of the pool was made, as the number of suspicions before it. */
  readonly #born = new WeakMap<pg.ClientBase, number>();
  #suspicions = 0;

  constructor(url: string, limits: PostgresLimits) {
    this.#url = url;
    this.#limits = limits;
    this.#pool = new pg.Pool({
      ...this.#config('heurist-sequencer', limits.statementMs),
      Client: this.#clientClass(),
      onConnect: (client) => this.#limitSession(client),
    });
    // a connection that breaks fails the query that runs on it; without listeners it would end the process too
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
      this.#born.set(client, this.#suspicions);
    });
  }

  #config(application_name: string, query_timeout: number): pg.ClientConfig {
    const { connectMs } = this.#limits;
    return {
      connectionString: this.#url,
      types,
      application_name,
      query_timeout,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    };
  }

  /** Clients whose sockets are known, since the farewell of a connection that hangs would hang too. */
  #clientClass(): new (config?: pg.ClientConfig) => pg.Client {
    const [sockets, open] = [this.#sockets, this.#open];
    return class extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        const socket = new Socket();
        super({ ...config, stream: () => socket });
        sockets.set(this, socket);
        open.add(socket);
        socket.once('close', () => open.delete(socket));
      }
    };
  }

  async #limitSession(client: pg.ClientBase): Promise<void> {
    // the server's limit comes first: its error leaves the connection usable
    await client.query(SESSION_LIMITS, [`${Math.ceil(this.#limits.statementMs * 0.9)}`]);
  }

  /** A client of its own, connected. Whoever gets it ends it with {@link destroy}. */
  async connectAlone(application_name: string, statementMs: number = SETUP_STATEMENT_MS): Promise<pg.Client> {
    const client = new (this.#clientClass())(this.#config(application_name, statementMs));
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.destroy(client);
      throw describeFailure(error);
    }
  }

  /** A connection of the pool. */
  async #acquire(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      if (this.#born.get(client) === this.#suspicions) return client;
      this.#drop(client);
    }
  }

  #drop(client: pg.PoolClient): void {
    client.release(true);
    this.destroy(client);
  }

  /** Runs something on a connection, which is dropped if that fails. */
  async use<T>(run: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.#acquire().catch((error) => {
      throw describeFailure(error);
    });
    try {
      const result = await run(client);
      client.release();
      return result;
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  /** Translates an error of a statement. If the connection hung, neither it nor those of its age are used again. */
  fail(client: pg.ClientBase, error: unknown): unknown {
    if (isSuspicious(error)) {
      this.#suspicions++;
      this.destroy(client);
    }
    return describeFailure(error);
  }

  /** Ends a connection whether or not the server answers. */
  destroy(client: pg.ClientBase): void {
    this.#sockets.get(client)?.destroy();
  }

  async close(): Promise<void> {
    const limit = new AbortController();
    await Promise.race([this.#pool.end(), sleep(this.#limits.closeMs, limit.signal)]);
    limit.abort();
    for (const socket of this.#open) socket.destroy();
  }
}
