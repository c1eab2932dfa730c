import { createHash, randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import type { Sql } from './database.ts';

/** What a key is for. */
export type KeyRole = 'consumer' | 'miner';

/** Somebody who has shown a key. */
export interface Identity {
  role: KeyRole;
  /** Consumer or miner id. */
  owner: string;
}

/** A key has 256 random bits, so a plain hash is as good as a slow one. */
const hashKey = (key: string) => createHash('sha256').update(key).digest('hex');

/** Ids that any form of credentials can carry, the legacy one with its dash included. */
const OWNER = /^[A-Za-z0-9_.:]{1,100}$/;

/**
 * Makes a key. It is stored hashed: this is the only time that it can be read.
 *
 * @returns `owner#key`
 * @throws {HeuristError} `invalid_configuration` for an owner that the key's text could not carry
 */
export async function createKey(sql: Sql, role: KeyRole, owner: string): Promise<string> {
  if (!OWNER.test(owner))
    throw new HeuristError(`"${owner}" cannot own a key: use letters, digits, "_", "." and ":", at most 100.`, {
      code: 'invalid_configuration',
    });
  const key = randomBytes(32).toString('hex');
  await sql.query('INSERT INTO heurist.api_key (hash, role, owner) VALUES ($1, $2, $3)', [hashKey(key), role, owner]);
  return `${owner}#${key}`;
}

/**
 * Finds out who is calling. The key is looked up by its hash, so that comparing takes no time that tells anything.
 *
 * @param owner - the id that the caller claims; when given it must fit the key
 * @throws {HeuristError} `unauthorized`, the same for every reason
 */
export async function identify(sql: Sql, role: KeyRole, key: string, owner?: string | null): Promise<Identity> {
  const query = 'SELECT owner FROM heurist.api_key WHERE hash = $1 AND role = $2';
  const [found] = await sql.query<{ owner: string }>(query, [hashKey(key), role]);
  if (!found || (owner && owner !== found.owner))
    throw new HeuristError('The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.', {
      code: 'unauthorized',
    });
  return { role, owner: found.owner };
}
