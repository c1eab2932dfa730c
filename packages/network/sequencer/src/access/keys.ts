import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { batch } from '@heurist/server-kit/batch';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';
import { isUuid } from '../database/uuid.ts';

/** What a key is for. */
export type KeyRole = 'consumer' | 'miner' | 'operator';

/** How much the holder of a consumer's key may submit. A limit that is left out is the network's. */
export interface KeyLimits {
  /** Tasks that wait or run at the same time. */
  max_open_tasks?: number | undefined;
  /** Tasks submitted within a minute. */
  max_tasks_per_minute?: number | undefined;
}

/** A caller whose key is valid. */
export interface Identity {
  role: KeyRole;
  /** Consumer, miner or operator id. */
  owner: string;
  /** The key by its id, to notice that it was revoked. Empty for a reference miner, which has none. */
  key_id: string;
  /** Those of its owner: the strictest that any of its keys sets, so that another key lifts nothing. */
  limits: KeyLimits;
}

/** A key as it is listed: without its secret. */
export interface KeyInfo extends KeyLimits {
  key_id: string;
  role: KeyRole;
  owner: string;
  /** ISO 8601. */
  created_at: string;
}

/** How long a replica goes on accepting a key that was revoked at another one. */
const TTL_MS = 1000;
/** Keys in the cache at most. Invalid ones, which anybody can send, are among them. */
const MAX_CACHED = 10_000;

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that fit every form of credentials, including the legacy one with its dash. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

/** The keys of all callers. */
export class Keys {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #maxCached: number;
  readonly #cache = new Map<string, TtlCache<Identity | undefined>>();
  readonly #find = batch((hashes: readonly string[]) => findAll(this.#sql, hashes));

  constructor(sql: Sql, { clock = systemClock, maxCached = MAX_CACHED }: { clock?: Clock; maxCached?: number } = {}) {
    this.#sql = sql;
    this.#clock = clock;
    this.#maxCached = maxCached;
  }

  /**
   * Creates a key. It is stored hashed, so this is the only time that it can be read.
   *
   * @returns `owner#key`
   * @throws {HeuristError} `invalid_request` for an owner that does not fit into credentials
   */
  async create(
    role: KeyRole,
    owner: string,
    { max_open_tasks, max_tasks_per_minute }: KeyLimits = {},
  ): Promise<string> {
    if (!OWNER.test(owner))
      throw new HeuristError(
        `"${owner}" cannot own a key: use at most 100 letters, digits, "_", "." and ":", and at least one.`,
        { code: 'invalid_request' },
      );
    const key = randomBytes(32).toString('hex');
    await this.#sql.query(
      'INSERT INTO heurist.api_key (hash, role, owner, max_open_tasks, max_tasks_per_minute) VALUES ($1, $2, $3, $4, $5)',
      [hashKey(key), role, owner, max_open_tasks ?? null, max_tasks_per_minute ?? null],
    );
    return `${owner}#${key}`;
  }

  /** All keys, newest first. */
  async list(): Promise<KeyInfo[]> {
    const rows = await this.#sql.query(
      'SELECT key_id, role, owner, created_at, max_open_tasks, max_tasks_per_minute FROM heurist.api_key ORDER BY created_at DESC',
    );
    return rows.map(({ created_at, max_open_tasks, max_tasks_per_minute, ...key }) => ({
      ...key,
      created_at: created_at.toISOString(),
      ...limitsOf({ max_open_tasks, max_tasks_per_minute }),
    }));
  }

  /**
   * Revokes a key: here at once, at other replicas within a second.
   *
   * @throws {HeuristError} `not_found`; `forbidden` for the last operator's key: nobody could make another
   */
  async revoke(key_id: string): Promise<void> {
    // locked together, so that two operators cannot revoke each other at one moment
    const query = `WITH operator AS (SELECT key_id FROM heurist.api_key WHERE role = 'operator' ORDER BY key_id FOR UPDATE),
      target AS (SELECT key_id, role = 'operator' AND (SELECT count(*) FROM operator) < 2 AS is_last
        FROM heurist.api_key WHERE key_id = $1),
      gone AS (DELETE FROM heurist.api_key USING target WHERE api_key.key_id = target.key_id AND NOT is_last)
      SELECT is_last FROM target`;
    const [target] = isUuid(key_id) ? await this.#sql.query<{ is_last: boolean }>(query, [key_id]) : [];
    this.#cache.clear();
    if (!target)
      throw new HeuristError(`There is no key ${key_id}. List the keys to see their ids.`, { code: 'not_found' });
    if (target.is_last)
      throw new HeuristError(
        `${key_id} is the last operator key. Create another one first: heurist keys create operator NAME`,
        { code: 'forbidden' },
      );
  }

  /** Looks a key up. The least recently used one leaves a full cache. */
  #lookUp(hash: string): Promise<Identity | undefined> {
    const cached =
      this.#cache.get(hash) ??
      new TtlCache(
        () => this.#find(hash),
        TTL_MS,
        () => this.#clock.now(),
      );
    this.#cache.delete(hash);
    this.#cache.set(hash, cached);
    if (this.#cache.size > this.#maxCached) this.#cache.delete(this.#cache.keys().next().value ?? '');
    return cached.get();
  }

  /**
   * Finds out who is calling. The key is looked up by its hash, so the time that it takes reveals nothing.
   *
   * @param owner - the id that the caller claims; if given, it must match the key
   * @throws {HeuristError} `unauthorized`, the same for every reason
   */
  async identify(role: KeyRole, key: string, owner?: string | null): Promise<Identity> {
    const found = await this.#lookUp(hashKey(key));
    if (found?.role === role && (!owner || owner === found.owner)) return found;
    throw new HeuristError('The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.', {
      code: 'unauthorized',
    });
  }
}

/** In the order of the hashes. */
async function findAll(sql: Sql, hashes: readonly string[]): Promise<(Identity | undefined)[]> {
  const rows = await sql.query<{ hash: string; role: KeyRole; owner: string; key_id: string } & LimitColumns>(
    `SELECT hash, role, owner, key_id, strictest.* FROM heurist.api_key AS key, LATERAL (
       SELECT min(max_open_tasks) AS max_open_tasks, min(max_tasks_per_minute) AS max_tasks_per_minute
       FROM heurist.api_key AS other WHERE other.owner = key.owner AND other.role = key.role
     ) AS strictest WHERE hash = ANY($1)`,
    [[...new Set(hashes)]],
  );
  const byHash = new Map(
    rows.map(({ hash, role, owner, key_id, ...row }) => [hash, { role, owner, key_id, limits: limitsOf(row) }]),
  );
  return hashes.map((hash) => byHash.get(hash));
}

interface LimitColumns {
  max_open_tasks: number | null;
  max_tasks_per_minute: number | null;
}

function limitsOf({ max_open_tasks, max_tasks_per_minute }: LimitColumns): KeyLimits {
  return {
    ...(max_open_tasks !== null && { max_open_tasks }),
    ...(max_tasks_per_minute !== null && { max_tasks_per_minute }),
  };
}
