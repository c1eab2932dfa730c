import { userInfo } from 'node:os';
import { HeuristError } from '@heurist/core';
import type { Database, Sql } from '../../database/database.ts';
import { type Identity, Keys } from '../keys/keys.ts';
import { type Actor, type AuditFilter, type AuditRow, deleteOldAudit, insertAudit, listAudit } from './audit-table.ts';

/** Entries that are deleted at a time. */
const MAX_BATCH = 500;
/** Entries of a page. */
const PAGE = 100;

/** What is done, and to what. */
export interface Action {
  action: string;
  /** Never a secret. */
  target: Record<string, unknown>;
}

/** A page of entries, and the one to ask for the next with, as `before`. */
export interface AuditPage {
  entries: AuditRow[];
  next?: number;
}

/** The log of what operators did. It is written in the transaction of what it tells. */
export class Audit {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #days: number;

  /** @param days - how long entries are kept; 0 keeps all */
  constructor(database: Database, keys: Keys, days: number) {
    this.#database = database;
    this.#keys = keys;
    this.#days = days;
  }

  /**
   * Changes keys, and writes down who did it, or what stood in the way.
   *
   * @param run - returns its result, and what there is to say of it besides the action
   * @throws what `run` throws
   */
  async changeKeys<T>(
    actor: Actor,
    { action, target }: Action,
    run: (keys: Keys) => Promise<{ result: T; done?: Record<string, unknown> }>,
  ): Promise<T> {
    try {
      return await this.#database.transaction(async (sql) => {
        const { result, done } = await run(this.#keys.within(sql));
        await insertAudit(sql, { ...actor, action, target: { ...target, ...done }, outcome: 'ok' });
        return result;
      });
    } catch (error) {
      await this.#recordRefusal(actor, { action, target }, error);
      throw error;
    } finally {
      this.#keys.forget();
    }
  }

  /** Writes down what was done outside of a transaction, or what stood in the way. */
  async record<T>(actor: Actor, action: Action, run: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await run();
    } catch (error) {
      await this.#recordRefusal(actor, action, error);
      throw error;
    }
    await insertAudit(this.#database, { ...actor, ...action, outcome: 'ok' });
    return result;
  }

  /** What failed for another reason, such as a database that is away, has changed nothing, and can be written nowhere. */
  async #recordRefusal(actor: Actor, action: Action, error: unknown): Promise<void> {
    if (!HeuristError.isInstance(error) || error.code === 'unavailable') return;
    await insertAudit(this.#database, { ...actor, ...action, outcome: error.code });
  }

  /** Entries, the newest first. */
  async list({ limit = PAGE, ...filter }: AuditFilter & { limit?: number | undefined }): Promise<AuditPage> {
    const rows = await listAudit(this.#database, filter, limit + 1);
    const entries = rows.slice(0, limit);
    return { entries, ...(rows.length > limit && { next: entries.at(-1)!.audit_id }) };
  }

  /** Deletes old entries. */
  async sweep(signal?: AbortSignal): Promise<void> {
    if (this.#days === 0) return;
    while (!signal?.aborted && (await deleteOldAudit(this.#database, this.#days, MAX_BATCH)) === MAX_BATCH);
  }
}

/** Whoever calls with a key. */
export const actorOf = ({ owner, key_id }: Identity): Actor => ({ actor: owner, key_id });

/** This process, in the name of whoever started it. */
export function processActor(): Actor {
  return { actor: `process:${userName()}`, key_id: null };
}

/** In containers, a user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Makes a key in a transaction of its caller, and writes it down. */
export async function createAuditedKey(sql: Sql, role: Parameters<Keys['create']>[0], owner: string): Promise<string> {
  const { key, key_id } = await new Keys(sql).createWithId(role, owner);
  await insertAudit(sql, { ...processActor(), action: 'key_create', target: { role, owner, key_id }, outcome: 'ok' });
  return key;
}
