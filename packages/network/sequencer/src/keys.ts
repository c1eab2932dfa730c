import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { isUuid } from './artifact-store.ts';
import type { Sql } from './database.ts';

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

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that any form of credentials can carry, the legacy one with its dash included. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

/**
 * Makes a key. It is stored hashed: this is the only time that it can be read.
 *
 * @returns `owner#key`
 * @throws {HeuristError} `invalid_request` for an owner that the key's text could not carry
 */
export async function createKey(
  sql: Sql,
  role: KeyRole,
  owner: string,
  { max_open_tasks, max_tasks_per_minute }: KeyLimits = {},
): Promise<string> {
  if (!OWNER.test(owner))
    throw new HeuristError(`"${owner}" cannot own a key: use letters, digits, "_", "." and ":", at most 100.`, {
      code: 'invalid_request',
    });
  const key = randomBytes(32).toString('hex');
  await sql.query(
    'INSERT INTO heurist.api_key (hash, role, owner, max_open_tasks, max_tasks_per_minute) VALUES ($1, $2, $3, $4, $5)',
    [hashKey(key), role, owner, max_open_tasks ?? null, max_tasks_per_minute ?? null],
  );
  return `${owner}#${key}`;
}

/** Every key, the newest first. */
export async function listKeys(sql: Sql): Promise<KeyInfo[]> {
  const rows = await sql.query(
    'SELECT key_id, role, owner, created_at, max_open_tasks, max_tasks_per_minute FROM heurist.api_key ORDER BY created_at DESC',
  );
  return rows.map(({ created_at, max_open_tasks, max_tasks_per_minute, ...key }) => ({
    ...key,
    created_at: created_at.toISOString(),
    ...limitsOf({ max_open_tasks, max_tasks_per_minute }),
  }));
}

/**
 * Makes a key useless, from now on.
 *
 * @throws {HeuristError} `not_found`
 */
export async function revokeKey(sql: Sql, key_id: string): Promise<void> {
  const query = 'DELETE FROM heurist.api_key WHERE key_id = $1 RETURNING key_id';
  const revoked = isUuid(key_id) ? await sql.query(query, [key_id]) : [];
  if (!revoked.length) throw new HeuristError(`There is no key ${key_id}.`, { code: 'not_found' });
}

/**
 * Finds out who is calling. The key is looked up by its hash, so that comparing takes no time that tells anything.
 *
 * @param owner - the id that the caller claims; when given it must fit the key
 * @throws {HeuristError} `unauthorized`, the same for every reason
 */
export async function identify(sql: Sql, role: KeyRole, key: string, owner?: string | null): Promise<Identity> {
  const query = 'SELECT owner, max_open_tasks, max_tasks_per_minute FROM heurist.api_key WHERE hash = $1 AND role = $2';
  const [found] = await sql.query(query, [hashKey(key), role]);
  if (!found || (owner && owner !== found.owner))
    throw new HeuristError('The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.', {
      code: 'unauthorized',
    });
  return { role, owner: found.owner, limits: limitsOf(found) };
}

function limitsOf(row: { max_open_tasks: number | null; max_tasks_per_minute: number | null }): KeyLimits {
  const { max_open_tasks, max_tasks_per_minute } = row;
  return {
    ...(max_open_tasks !== null && { max_open_tasks }),
    ...(max_tasks_per_minute !== null && { max_tasks_per_minute }),
  };
}
