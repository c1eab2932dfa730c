import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { grouped } from '@heurist/server-kit/batch';
import { SharedLook } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';
import { isUuid } from '../files/folder-store.ts';

/** What a key is for. */
export type KeyRole = 'consumer' | 'miner' | 'operator';

/** How much the holder of a consumer's key may ask for. Left out: without limit. */
export interface KeyLimits {
  /** Tasks that wait or run at the same time. */
  max_open_tasks?: number | undefined;
  /** Submits within a minute. */
  max_tasks_per_minute?: number | undefined;
}

/** Somebody who has shown a key. */
export interface Identity {
  role: KeyRole;
  /** Consumer, miner or operator id. */
  owner: string;
  limits: KeyLimits;
}

/** A key as it can be looked at later: without the key. */
export interface KeyInfo extends KeyLimits {
  key_id: string;
  role: KeyRole;
  owner: string;
  /** ISO 8601. */
  created_at: string;
}

/** How long a replica believes what it has read of a key. */
const FRESH_MS = 1000;
/** So many keys at most are remembered for that time; wrong ones, which anybody can send, are among them. */
const MOST_LOOKS = 10_000;

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that any form of credentials can carry, the legacy one with its dash included. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

/** The keys of everybody who may call. */
export class Keys {
  readonly #sql: Sql;
  readonly #looks = new Map<string, SharedLook<Identity | undefined>>();
  readonly #find = grouped((hashes: readonly string[]) => findAll(this.#sql, hashes));

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Makes a key. It is stored hashed: this is the only time that it can be read.
   *
   * @returns `owner#key`
   * @throws {HeuristError} `invalid_request` for an owner that the key's text could not carry
   */
  async create(
    role: KeyRole,
    owner: string,
    { max_open_tasks, max_tasks_per_minute }: KeyLimits = {},
  ): Promise<string> {
    if (!OWNER.test(owner))
      throw new HeuristError(`"${owner}" cannot own a key: use letters, digits, "_", "." and ":", at most 100.`, {
        code: 'invalid_request',
      });
    const key = randomBytes(32).toString('hex');
    await this.#sql.query(
      'INSERT INTO heurist.api_key (hash, role, owner, max_open_tasks, max_tasks_per_minute) VALUES ($1, $2, $3, $4, $5)',
      [hashKey(key), role, owner, max_open_tasks ?? null, max_tasks_per_minute ?? null],
    );
    return `${owner}#${key}`;
  }

  /** Every key, the newest first. */
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
   * Makes a key useless: here from now on, at other replicas within a second.
   *
   * @throws {HeuristError} `not_found`
   */
  async revoke(key_id: string): Promise<void> {
    const query = 'DELETE FROM heurist.api_key WHERE key_id = $1 RETURNING key_id';
    const revoked = isUuid(key_id) ? await this.#sql.query(query, [key_id]) : [];
    this.#looks.clear();
    if (!revoked.length) throw new HeuristError(`There is no key ${key_id}.`, { code: 'not_found' });
  }

  /** Callers of the same second share one look. */
  #look(hash: string): Promise<Identity | undefined> {
    const look = this.#looks.get(hash) ?? new SharedLook(() => this.#find(hash), FRESH_MS);
    this.#looks.delete(hash);
    this.#looks.set(hash, look);
    if (this.#looks.size > MOST_LOOKS) this.#looks.delete(this.#looks.keys().next().value ?? '');
    return look.get();
  }

  /**
   * Finds out who is calling. The key is looked up by its hash, so that comparing takes no time that tells anything.
   *
   * @param owner - the id that the caller claims; when given it must fit the key
   * @throws {HeuristError} `unauthorized`, the same for every reason
   */
  async identify(role: KeyRole, key: string, owner?: string | null): Promise<Identity> {
    const found = await this.#look(hashKey(key));
    if (found?.role === role && (!owner || owner === found.owner)) return found;
    throw new HeuristError('The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.', {
      code: 'unauthorized',
    });
  }
}

/** In the order of the hashes. */
async function findAll(sql: Sql, hashes: readonly string[]): Promise<(Identity | undefined)[]> {
  const rows = await sql.query<{ hash: string; role: KeyRole; owner: string } & LimitColumns>(
    'SELECT hash, role, owner, max_open_tasks, max_tasks_per_minute FROM heurist.api_key WHERE hash = ANY($1)',
    [[...new Set(hashes)]],
  );
  const byHash = new Map(rows.map(({ hash, role, owner, ...row }) => [hash, { role, owner, limits: limitsOf(row) }]));
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
