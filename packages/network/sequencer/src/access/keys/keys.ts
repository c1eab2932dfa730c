import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Bus } from '../../bus/bus.ts';
import type { Sql } from '../../database/database.ts';
import { isUuid } from '../../database/uuid.ts';
import { CachedLookup } from '../cached-lookup.ts';
import { type EffectiveLimit, effectiveLimits, type SetLimits, sharedLimits } from '../limits/caller-limits.ts';
import {
  checkLimits,
  defaultLimits,
  describeLimits,
  type LimitValues,
  type NetworkLimits,
  settableLimits,
} from '../limits/limits.ts';
import type { Session } from '../sessions/session-token.ts';
import {
  deleteExpiredKeys,
  deleteKey,
  findKeys,
  insertKey,
  type KeyRole,
  type KeyRow,
  listKeys,
  recordUses,
  roleOf,
  setKeyEnd,
  setKeyLimits,
  setOwnerLimits,
} from './key-table.ts';

/** How much the holder of a key may do. What is left out is the owner's limit, or the network's. */
export interface KeyLimits {
  /** Tasks that wait or run at the same time. */
  max_open_tasks?: number | undefined;
  /** Tasks submitted within a minute. */
  max_tasks_per_minute?: number | undefined;
  /** Limits by their names, such as `streams` or `leases`. */
  limits?: Record<string, number> | undefined;
  /** When the key ends by itself, as ISO 8601. Default: never. */
  expires_at?: string | undefined;
}

/** A caller whose key is valid. */
export interface Identity {
  role: KeyRole;
  /** Consumer, miner or operator id. */
  owner: string;
  /** The key by its id, to notice that it was revoked. Empty for a reference miner, which has none. */
  key_id: string;
  /** When the key ends by itself: milliseconds since 1970, by the clock of the database. */
  expires?: number;
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
  /** When it ends, or has ended. Missing: never. */
  expires_at?: string;
  /** When it was used last, to the minute. Missing: not since the network records it. */
  used_at?: string;
  /** As it was created with, or set later. */
  max_open_tasks?: number;
  max_tasks_per_minute?: number;
  /** Limits that apply to it and are not the network's, by name: the value, and what sets it. */
  limits?: Record<string, EffectiveLimit>;
}

/** A key that was created. */
export interface CreatedKey {
  /** `owner#key`: the only time that it can be read. */
  key: string;
  key_id: string;
}

/** A key in the place of another. */
export interface RotatedKey extends CreatedKey {
  /** When it ends by itself. Missing: never. */
  expires_at?: string;
  /** When the other one ends. */
  old_expires_at: string;
}

/** Whose limits are set: all keys of an owner, or one key. */
export type LimitTarget = { key_id: string } | { role: KeyRole; owner: string };

/** Keys in the cache at most: of ten thousand miners and their consumers. Invalid ones, which anybody can send, are among them. */
const MAX_CACHED = 50_000;

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that fit every form of credentials, including the legacy one with its dash. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

/** How long keys that have expired are listed, and say so to who shows them. */
const EXPIRED_DAYS = 30;

interface KeysOptions {
  clock?: Clock;
  /** For what other replicas compare with the time. Default: `clock`. */
  sharedClock?: Clock;
  maxCached?: number;
  /** Those of the network. */
  limits?: NetworkLimits;
  /** How it hears that keys were changed elsewhere. Default: not at all, so that keys are looked up every second. */
  news?: Pick<Bus, 'onKeys' | 'isUp'> | undefined;
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
  readonly #options: KeysOptions;
  readonly #time: Pick<Clock, 'now'>;
  /** Uses that are not written down, by the id of the key. */
  #uses = new Map<string, number>();

  constructor(sql: Sql, options: KeysOptions = {}) {
    const { clock = systemClock, sharedClock = clock, maxCached = MAX_CACHED, limits = defaultLimits, news } = options;
    this.#sql = sql;
    this.#options = options;
    this.#time = sharedClock;
    this.#maxCached = maxCached;
    const isTold = () => news?.isUp() ?? false;
    this.#cache = new CachedLookup((names) => this.#findAll(names), { clock, maxCached, isTold });
    news?.onKeys((owner) => (owner ? this.#cache.forget((found) => found?.owner === owner) : this.#cache.clear()));
    this.#network = describeLimits(limits);
  }

  /**
   * Creates a key. It is stored hashed, so this is the only time that it can be read.
   *
   * @returns `owner#key`
   * @throws {HeuristError} `invalid_request` for an owner that does not fit into credentials, or limits that its role does not have
   */
  async create(role: KeyRole, owner: string, limits: KeyLimits = {}): Promise<string> {
    return (await this.createWithId(role, owner, limits)).key;
  }

  /** {@link create}, with the id of the key. */
  async createWithId(role: KeyRole, owner: string, limits: KeyLimits = {}): Promise<CreatedKey> {
    const { max_open_tasks, max_tasks_per_minute, limits: named = {}, expires_at } = limits;
    if (!OWNER.test(owner))
      throw new HeuristError(
        `"${owner}" cannot own a key: use at most 100 letters, digits, "_", "." and ":", and at least one.`,
        { code: 'invalid_request' },
      );
    const values = {
      ...(max_open_tasks !== undefined && { open_tasks: max_open_tasks }),
      ...(max_tasks_per_minute !== undefined && { tasks_per_minute: max_tasks_per_minute }),
      ...named,
    };
    checkLimits(values, settableLimits[role], 'invalid_request');
    return await this.#insert({ role, owner, valid_until: this.#dateOf(expires_at) }, values);
  }

  async #insert(key: Pick<KeyRow, 'role' | 'owner' | 'valid_until'>, limits: LimitValues): Promise<CreatedKey> {
    const secret = randomBytes(32).toString('hex');
    const key_id = await insertKey(this.#sql, { ...key, hash: hashKey(secret) }, limits);
    // it may bound the other keys of its owner
    this.#cache.clear();
    return { key: `${key.owner}#${secret}`, key_id };
  }

  /** @throws {HeuristError} `invalid_request` for a time that has passed */
  #dateOf(expires_at: string | null | undefined): Date | null {
    if (expires_at == null) return null;
    const date = new Date(expires_at);
    if (date.getTime() > this.#time.now()) return date;
    throw new HeuristError(`\`expires_at\` must be in the future (got ${expires_at}).`, { code: 'invalid_request' });
  }

  /**
   * Makes a key in the place of another: of the same owner and role, with the same limits. The old one stays good for a while.
   *
   * @param overlapSeconds - for how long
   * @param expires_at - when the new one ends. Default: when the old one would have ended
   * @throws {HeuristError} `not_found`; `invalid_request` for a key that has expired
   */
  async rotate(key_id: string, overlapSeconds: number, expires_at?: string | null): Promise<RotatedKey> {
    const [old] = isUuid(key_id) ? await findKeys(this.#sql, [], [key_id]) : [];
    if (!old) throw unknownKey(key_id);
    const now = this.#time.now();
    if (old.valid_until && old.valid_until.getTime() <= now)
      throw new HeuristError(`The key ${key_id} has expired. Create a new key.`, { code: 'invalid_request' });
    const valid_until = expires_at === undefined ? old.valid_until : this.#dateOf(expires_at);
    const made = await this.#insert({ role: old.role, owner: old.owner, valid_until }, old.own);
    const end = new Date(Math.min(now + overlapSeconds * 1000, old.valid_until?.getTime() ?? Number.POSITIVE_INFINITY));
    await this.#end(key_id, end);
    return {
      ...made,
      ...(valid_until && { expires_at: valid_until.toISOString() }),
      old_expires_at: end.toISOString(),
    };
  }

  /**
   * Sets when a key ends: here at once, at other replicas by news of the database, within two seconds at most.
   *
   * @param expires_at - `null` for never
   * @throws {HeuristError} `not_found`; `invalid_request` for a time that has passed; `forbidden` for the last operator's key
   */
  async setEnd(key_id: string, expires_at: string | null): Promise<void> {
    await this.#end(key_id, this.#dateOf(expires_at));
  }

  async #end(key_id: string, valid_until: Date | null): Promise<void> {
    const outcome = isUuid(key_id) ? await setKeyEnd(this.#sql, key_id, valid_until) : 'missing';
    this.#cache.clear();
    if (outcome === 'missing') throw unknownKey(key_id);
    if (outcome === 'last') throw lastOperator(key_id);
  }

  /** The same keys, inside a transaction. Call {@link forget} when it has ended. */
  within(sql: Sql): Keys {
    return new Keys(sql, { ...this.#options, news: undefined });
  }

  /** Something has changed: looks every key up again. */
  forget(): void {
    this.#cache.clear();
  }

  /** Writes down which keys were used, and forgets those that expired long ago. */
  async sweep(): Promise<void> {
    await this.#recordUses();
    await deleteExpiredKeys(this.#sql, EXPIRED_DAYS);
  }

  async #recordUses(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    if (uses.size) await recordUses(this.#sql, uses);
  }

  /** All keys, newest first. */
  async list(): Promise<KeyInfo[]> {
    await this.#recordUses();
    return (await listKeys(this.#sql)).map((row) => this.#describe(row));
  }

  #describe({ key_id, role, owner, created_at, valid_until, used_at, own, of_owner, of_keys }: KeyRow): KeyInfo {
    const { open_tasks, tasks_per_minute } = own;
    const limits = effectiveLimits(own, of_owner, of_keys, this.#network);
    return {
      key_id,
      role,
      owner,
      created_at: created_at.toISOString(),
      ...(valid_until && { expires_at: valid_until.toISOString() }),
      ...(used_at && { used_at: used_at.toISOString() }),
      ...(open_tasks !== undefined && { max_open_tasks: open_tasks }),
      ...(tasks_per_minute !== undefined && { max_tasks_per_minute: tasks_per_minute }),
      ...(Object.keys(limits).length && { limits }),
    };
  }

  /**
   * Sets limits of an owner or of one key: here at once, at other replicas by news of the database, within two seconds at most. `null` takes a limit back.
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
   * Revokes a key: here at once, at other replicas by news of the database, within two seconds at most.
   *
   * @throws {HeuristError} `not_found`; `forbidden` for the last operator's key that does not expire: nobody could make another
   */
  async revoke(key_id: string): Promise<void> {
    const outcome = isUuid(key_id) ? await deleteKey(this.#sql, key_id) : 'missing';
    this.#cache.clear();
    if (outcome === 'missing') throw unknownKey(key_id);
    if (outcome === 'last') throw lastOperator(key_id);
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
   * @throws {HeuristError} `unauthorized`, the same for every reason, but that it has expired: who has the key may know
   */
  async find(key: string, owner?: string | null): Promise<Identity> {
    const hash = hashKey(key);
    const found = await this.#cache.get(hash);
    const isOver = found !== undefined && this.#isOver(found);
    this.#remember(hash, found !== undefined && !isOver);
    if (found && (!owner || owner === found.owner)) {
      if (isOver)
        throw new HeuristError(
          `The API key expired at ${new Date(found.expires!).toISOString()}. Ask the operator for a new key.`,
          { code: 'unauthorized' },
        );
      this.#uses.set(found.key_id, this.#time.now());
      return found;
    }
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
    const found = await this.#cache.get(key_id);
    if (!found || this.#isOver(found)) return undefined;
    this.#uses.set(key_id, this.#time.now());
    return found;
  }

  #isOver({ expires = Number.POSITIVE_INFINITY }: Identity): boolean {
    return expires <= this.#time.now();
  }

  /** In the order of the names: hashes of keys, or their ids. */
  async #findAll(names: readonly string[]): Promise<(Identity | undefined)[]> {
    const hashes = names.filter((name) => !isUuid(name));
    const rows = await findKeys(this.#sql, hashes, names.filter(isUuid));
    const byName = new Map(rows.flatMap((row) => [[row.hash, row] as const, [row.key_id, row] as const]));
    return names.map((name) => {
      const row = byName.get(name);
      if (!row) return undefined;
      const { role, owner, key_id, valid_until, own, of_owner, of_keys } = row;
      const limits = { shared: sharedLimits(of_owner, of_keys ?? [], this.#network), own };
      return { role, owner, key_id, ...(valid_until && { expires: valid_until.getTime() }), limits };
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

const lastOperator = (key_id: string) =>
  new HeuristError(
    `${key_id} is the last operator key that does not expire, and without one nobody could create keys. Create another operator key first.`,
    { code: 'forbidden' },
  );

const unknownKey = (key_id: string) =>
  new HeuristError(`There is no key ${key_id}. List the keys to see their ids.`, { code: 'not_found' });
