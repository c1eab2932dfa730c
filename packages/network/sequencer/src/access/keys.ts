import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Sql } from '../database/database.ts';
import { isUuid } from '../database/uuid.ts';
import { CachedLookup } from './cached-lookup.ts';
import { type EffectiveLimit, effectiveLimits, type SetLimits, sharedLimits } from './caller-limits.ts';
import {
  findKeys,
  insertKey,
  type KeyRole,
  type KeyRow,
  listKeys,
  roleOf,
  setKeyLimits,
  setOwnerLimits,
} from './key-table.ts';
import {
  checkLimits,
  defaultLimits,
  describeLimits,
  type LimitValues,
  type NetworkLimits,
  settableLimits,
} from './limits.ts';
import type { Session } from './sessions/session-token.ts';

/** How much the holder of a key may do. What is left out is the owner's limit, or the network's. */
export interface KeyLimits {
  /** Tasks that wait or run at the same time. */
  max_open_tasks?: number | undefined;
  /** Tasks submitted within a minute. */
  max_tasks_per_minute?: number | undefined;
  /** Limits by their names, such as `streams` or `leases`. */
  limits?: Record<string, number> | undefined;
}

/** A caller whose key is valid. */
export interface Identity {
  role: KeyRole;
  /** Consumer, miner or operator id. */
  owner: string;
  /** The key by its id, to notice that it was revoked. Empty for a reference miner, which has none. */
  key_id: string;
  limits: SetLimits;
  /** If a web page calls with the token of a session. */
  session?: Session;
  /** If it sees only part of what its owner has submitted: that of a session, or of one end user. */
  scope?: string;
}

/** A key as it is listed: without its secret. */
export interface KeyInfo {
  key_id: string;
  role: KeyRole;
  owner: string;
  /** ISO 8601. */
  created_at: string;
  /** As it was created with, or set later. */
  max_open_tasks?: number;
  max_tasks_per_minute?: number;
  /** Limits that apply to it and are not the network's, by name: the value, and what sets it. */
  limits?: Record<string, EffectiveLimit>;
}

/** Whose limits are set: all keys of an owner, or one key. */
export type LimitTarget = { key_id: string } | { role: KeyRole; owner: string };

/** Keys in the cache at most. Invalid ones, which anybody can send, are among them. */
const MAX_CACHED = 10_000;

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that fit every form of credentials, including the legacy one with its dash. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

interface KeysOptions {
  clock?: Clock;
  maxCached?: number;
  /** Those of the network. */
  limits?: NetworkLimits;
}

/** The keys of all callers. */
export class Keys {
  readonly #sql: Sql;
  readonly #maxCached: number;
  /** Hashes of valid keys, the latest last. */
  readonly #known = new Set<string>();
  /** By hash or id. */
  readonly #cache: CachedLookup<Identity | undefined>;
  readonly #network: LimitValues;

  constructor(sql: Sql, { clock = systemClock, maxCached = MAX_CACHED, limits = defaultLimits }: KeysOptions = {}) {
    this.#sql = sql;
    this.#maxCached = maxCached;
    this.#cache = new CachedLookup((names) => this.#findAll(names), { clock, maxCached });
    this.#network = describeLimits(limits);
  }

  /**
   * Creates a key. It is stored hashed, so this is the only time that it can be read.
   *
   * @returns `owner#key`
   * @throws {HeuristError} `invalid_request` for an owner that does not fit into credentials, or limits that its role does not have
   */
  async create(role: KeyRole, owner: string, limits: KeyLimits = {}): Promise<string> {
    const { max_open_tasks, max_tasks_per_minute, limits: named = {} } = limits;
    if (!OWNER.test(owner))
      throw new HeuristError(
        `"${owner}" cannot own a key: use at most 100 letters, digits, "_", "." and ":", and at least one.`,
        { code: 'invalid_request' },
      );
    checkLimits(named, settableLimits[role], 'invalid_request');
    const key = randomBytes(32).toString('hex');
    await insertKey(
      this.#sql,
      { hash: hashKey(key), role, owner },
      {
        ...(max_open_tasks !== undefined && { open_tasks: max_open_tasks }),
        ...(max_tasks_per_minute !== undefined && { tasks_per_minute: max_tasks_per_minute }),
        ...named,
      },
    );
    // it may bound the other keys of its owner
    this.#cache.clear();
    return `${owner}#${key}`;
  }

  /** All keys, newest first. */
  async list(): Promise<KeyInfo[]> {
    return (await listKeys(this.#sql)).map((row) => this.#describe(row));
  }

  #describe({ key_id, role, owner, created_at, own, of_owner, of_keys }: KeyRow): KeyInfo {
    const { open_tasks, tasks_per_minute } = own;
    const limits = effectiveLimits(own, of_owner, of_keys, this.#network);
    return {
      key_id,
      role,
      owner,
      created_at: created_at.toISOString(),
      ...(open_tasks !== undefined && { max_open_tasks: open_tasks }),
      ...(tasks_per_minute !== undefined && { max_tasks_per_minute: tasks_per_minute }),
      ...(Object.keys(limits).length && { limits }),
    };
  }

  /**
   * Sets limits of an owner or of one key: here at once, at other replicas within a second. `null` takes a limit back.
   *
   * @throws {HeuristError} `invalid_request` for limits that the role does not have; `not_found`
   */
  async setLimits(target: LimitTarget, changes: Record<string, number | null>): Promise<void> {
    const role = 'role' in target ? target.role : await this.#roleOf(target.key_id);
    const values = Object.entries(changes).map(([name, value]): [string, number] => [name, value ?? 1]);
    checkLimits(Object.fromEntries(values), settableLimits[role], 'invalid_request');
    if ('key_id' in target) await setKeyLimits(this.#sql, target.key_id, changes);
    else if (!(await setOwnerLimits(this.#sql, target, changes)))
      throw new HeuristError(`${target.owner} has no ${role} key. Create one first, or check the name.`, {
        code: 'not_found',
      });
    this.#cache.clear();
  }

  /** @throws {HeuristError} `not_found` */
  async #roleOf(key_id: string): Promise<KeyRole> {
    const role = isUuid(key_id) ? await roleOf(this.#sql, key_id) : undefined;
    if (!role) throw unknownKey(key_id);
    return role;
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
    if (!target) throw unknownKey(key_id);
    if (target.is_last)
      throw new HeuristError(
        `${key_id} is the last operator key, and without one nobody could create keys. Create another operator key first.`,
        { code: 'forbidden' },
      );
  }

  /** Whether this key was valid when it was last used here. */
  isKnown(key: string): boolean {
    return this.#known.has(hashKey(key));
  }

  #remember(hash: string, isValid: boolean): void {
    this.#known.delete(hash);
    if (isValid) this.#known.add(hash);
    if (this.#known.size > this.#maxCached) this.#known.delete(this.#known.keys().next().value ?? '');
  }

  /**
   * Finds out who is calling. The key is looked up by its hash, so the time that it takes reveals nothing.
   *
   * @param owner - the id that the caller claims; if given, it must match the key
   * @throws {HeuristError} `unauthorized`, the same for every reason
   */
  async find(key: string, owner?: string | null): Promise<Identity> {
    const hash = hashKey(key);
    const found = await this.#cache.get(hash);
    this.#remember(hash, found !== undefined);
    if (found && (!owner || owner === found.owner)) return found;
    throw new HeuristError('The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.', {
      code: 'unauthorized',
    });
  }

  /**
   * Finds out who is calling, as {@link find} does.
   *
   * @param role - of the key; with several, any of them
   * @throws {HeuristError} `unauthorized`; `forbidden` if the key has another role
   */
  async identify(role: KeyRole | readonly KeyRole[], key: string, owner?: string | null): Promise<Identity> {
    return requireRole(await this.find(key, owner), role);
  }

  /** The holder of a key, if it is still valid. */
  async identifyById(key_id: string): Promise<Identity | undefined> {
    return await this.#cache.get(key_id);
  }

  /** In the order of the names: hashes of keys, or their ids. */
  async #findAll(names: readonly string[]): Promise<(Identity | undefined)[]> {
    const hashes = names.filter((name) => !isUuid(name));
    const rows = await findKeys(this.#sql, hashes, names.filter(isUuid));
    const byName = new Map(rows.flatMap((row) => [[row.hash, row] as const, [row.key_id, row] as const]));
    return names.map((name) => {
      const row = byName.get(name);
      if (!row) return undefined;
      const { role, owner, key_id, own, of_owner, of_keys } = row;
      return { role, owner, key_id, limits: { shared: sharedLimits(of_owner, of_keys, this.#network), own } };
    });
  }
}

/**
 * The holder of a key that has one of these roles.
 *
 * @throws {HeuristError} `forbidden`, naming the role that is needed
 */
export function requireRole(identity: Identity, role: KeyRole | readonly KeyRole[]): Identity {
  if ([role].flat().includes(identity.role)) return identity;
  throw new HeuristError(
    `This call needs ${nameRoles(role)} key, but this is ${nameRoles(identity.role)} key. Use another key, or ask the operator for one.`,
    { code: 'forbidden' },
  );
}

/** With its article: `a miner`, `an operator`. */
export const nameRoles = (role: KeyRole | readonly KeyRole[]): string =>
  [role]
    .flat()
    .map((name) => (name === 'operator' ? 'an operator' : `a ${name}`))
    .join(' or ');

const unknownKey = (key_id: string) =>
  new HeuristError(`There is no key ${key_id}. List the keys to see their ids.`, { code: 'not_found' });
