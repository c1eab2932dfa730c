import { randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import { createThrottledLog } from '@heurist/server-kit/throttled-log';
import type { Database, Sql } from './database.ts';

/** How long it is believed that a database can be written, and that it cannot. */
const GOOD_MS = 10_000;
const BAD_MS = 1000;

interface WriteProbeOptions {
  /** Writes what tests the tables: it is rolled back. */
  write: (sql: Sql) => Promise<void>;
  clock?: Clock;
  logger?: Logger;
}

interface Outcome {
  at: number;
  error?: unknown;
}

/**
 * Finds out whether the database can be written: its disk may be full, or the server read-only, while all queries work. What it
 * writes is rolled back. Anybody may ask: one answer serves everybody for a while.
 */
export class WriteProbe {
  readonly #database: Database;
  readonly #write: WriteProbeOptions['write'];
  readonly #clock: Clock;
  readonly #log: ReturnType<typeof createThrottledLog>;
  #last: Outcome | undefined;
  #running: Promise<void> | undefined;

  constructor(database: Database, { write, clock = systemClock, logger = silentLogger }: WriteProbeOptions) {
    this.#database = database;
    this.#write = write;
    this.#clock = clock;
    this.#log = createThrottledLog((message, fields) => logger.error(message, fields), clock);
  }

  /** @throws {HeuristError} `unavailable` if nothing can be written now */
  async check(): Promise<void> {
    if (!this.#isFresh()) {
      this.#running ??= this.#probe();
      await this.#running;
    }
    if (this.#last?.error) throw this.#last.error;
  }

  #isFresh(): boolean {
    if (!this.#last) return false;
    return this.#clock.now() - this.#last.at < (this.#last.error ? BAD_MS : GOOD_MS);
  }

  /** A call could not be served: what was found before may be wrong by now. */
  doubt(): void {
    if (this.#last && this.#clock.now() - this.#last.at >= BAD_MS) this.#last = undefined;
  }

  async #probe(): Promise<void> {
    const error = await this.#tryWriting().then(
      () => undefined,
      (cause: Error) => cause,
    );
    if (error) this.#log('write', 'database cannot be written', { message: error.message });
    this.#last = { at: this.#clock.now(), ...(error && { error: describe(error) }) };
    this.#running = undefined;
  }

  async #tryWriting(): Promise<void> {
    const done = new Error('rolled back');
    const rolledBack = this.#database.transaction(async (sql) => {
      await this.#write(sql);
      // rows may fit into pages that are there: a new table needs new ones
      await sql.query(
        `CREATE TABLE heurist."probe ${randomUUID()}" AS SELECT md5(line::text) FROM generate_series(1, 2000) AS line`,
      );
      throw done;
    });
    await rolledBack.catch((error) => {
      if (error !== done) throw error;
    });
  }
}

function describe(cause: Error): HeuristError {
  if (HeuristError.isInstance(cause) && cause.code === 'unavailable') return cause;
  const message = 'The database cannot be written now. The log of this server says why.';
  return new HeuristError(message, { code: 'unavailable', isRetryable: true, cause });
}
