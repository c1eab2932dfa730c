import { HeuristError } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import { CachedLookup } from '../access/cached-lookup.ts';
import type { Database } from '../database/database.ts';
import { addStored, readStored, totalStored } from './stored-table.ts';

/** Owners whose bytes are cached at most. */
const MAX_CACHED = 10_000;

/**
 * How many bytes each consumer keeps here: uploads, and the outputs of its tasks. Counted by the background work about a minute after a
 * file has arrived, so that no upload pays for it.
 */
export class StoredFiles {
  readonly #database: Database;
  readonly #bytes: CachedLookup<number>;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#bytes = new CachedLookup((owners) => readStored(database, owners), { clock, maxCached: MAX_CACHED });
  }

  /** Counts the files that have arrived since the last time, at whatever replica. */
  async count(): Promise<void> {
    while (await this.#database.transaction(addStored));
  }

  /** Bytes of all files. */
  async total(): Promise<number> {
    return await totalStored(this.#database);
  }

  /** Why a consumer may add no more, if it may not. */
  async findRefusal(owner: string, most: number): Promise<HeuristError | undefined> {
    const bytes = await this.#bytes.get(owner);
    if (bytes < most) return undefined;
    return new HeuristError(
      `${owner} keeps ${bytes} bytes of files here, and its limit allows ${most}. Old tasks are deleted with their files after some days; ask the operator of this network for more room.`,
      { code: 'storage_quota_exceeded' },
    );
  }
}
