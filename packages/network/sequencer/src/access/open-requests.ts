import { HeuristError } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import type { Sql } from '../database/database.ts';
import type { Identity } from './keys.ts';

/** How often the keys of open requests are looked up: one statement for all of them. */
const CHECK_MS = 1000;

/** What a request holds open. */
export type RequestKind = 'claim' | 'stream';

/** A request that stays open. */
export interface OpenRequest {
  /** Fires when its key is revoked, or the request must be made again. */
  signal: AbortSignal;
  /** Call it when the request ends. */
  release(): void;
}

interface Entry extends OpenRequest {
  key_id: string;
  place: string;
  abort(): void;
}

const names: Record<RequestKind, string> = { claim: 'held claims', stream: 'open event streams' };

/** The requests that this process holds open: their number is limited, and they end when their key is revoked. */
export class OpenRequests {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  readonly #open = new Set<Entry>();
  readonly #counts = new Map<string, number>();
  #isWatching = false;

  constructor(sql: Sql, clock: Clock, closing: AbortSignal) {
    this.#sql = sql;
    this.#clock = clock;
    this.#closing = closing;
  }

  /** How many requests of this kind a caller has open here. */
  count(identity: Identity, kind: RequestKind): number {
    return this.#counts.get(placeOf(identity, kind)) ?? 0;
  }

  /** @throws {HeuristError} `rate_limited` if the caller has as many open as it may */
  open(identity: Identity, kind: RequestKind, most: number): OpenRequest {
    const { owner, key_id } = identity;
    const count = this.count(identity, kind);
    if (count >= most)
      throw new HeuristError(`${owner} has ${count} ${names[kind]} here, and the limit is ${most}. End some first.`, {
        code: 'rate_limited',
      });
    const place = placeOf(identity, kind);
    this.#counts.set(place, count + 1);
    const revoked = new AbortController();
    const entry: Entry = {
      key_id,
      place,
      signal: revoked.signal,
      abort: () => revoked.abort(),
      release: () => this.#release(entry),
    };
    this.#open.add(entry);
    void this.#watch();
    return entry;
  }

  /** Ends the held claims of a miner, so that it asks again. */
  endClaims(miner_id: string): void {
    const place = placeOf({ role: 'miner', owner: miner_id }, 'claim');
    for (const entry of this.#open) if (entry.place === place) entry.abort();
  }

  #release(entry: Entry): void {
    if (!this.#open.delete(entry)) return;
    const count = this.#counts.get(entry.place)! - 1;
    if (count) this.#counts.set(entry.place, count);
    else this.#counts.delete(entry.place);
  }

  /** Looks the keys up as long as requests are open. A database that is away ends nothing. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#open.size && !this.#closing.aborted) {
      await this.#clock.sleep(CHECK_MS, this.#closing);
      if (this.#closing.aborted) break;
      await this.#endRevoked().catch(() => {});
    }
    this.#isWatching = false;
  }

  async #endRevoked(): Promise<void> {
    const key_ids = [...new Set([...this.#open].map(({ key_id }) => key_id))].filter(Boolean);
    if (!key_ids.length) return;
    const query = 'SELECT key_id FROM heurist.api_key WHERE key_id = ANY($1::uuid[])';
    const rows = await this.#sql.query<{ key_id: string }>(query, [key_ids]);
    const valid = new Set(rows.map(({ key_id }) => key_id));
    // one that was opened meanwhile was not looked up
    const gone = new Set(key_ids.filter((key_id) => !valid.has(key_id)));
    for (const entry of this.#open) if (gone.has(entry.key_id)) entry.abort();
  }
}

/** What counts together: requests of one kind by one owner. */
function placeOf({ role, owner }: Pick<Identity, 'role' | 'owner'>, kind: RequestKind): string {
  return `${kind} ${role} ${owner}`;
}
