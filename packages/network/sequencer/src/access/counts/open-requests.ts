import { HeuristError } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import type { Database } from '../../database/database.ts';
import { IS_VALID } from '../keys/key-table.ts';
import type { Identity } from '../keys/keys.ts';
import { type CallerLimits, limitsOf } from '../limits/caller-limits.ts';
import type { NetworkLimits } from '../limits/limits.ts';
import { areSessions } from '../sessions/session-table.ts';
import { type Asked, SharedCounts } from './shared-counts.ts';

/** How often the keys and sessions of open requests are looked up: one statement for all of them. */
const CHECK_MS = 1000;

/** What a request holds open. */
export type RequestKind = 'claim' | 'stream';

/** A request that stays open. */
export interface OpenRequest {
  /** Fires when its key or session is revoked, or the request must be made again. */
  signal: AbortSignal;
  /** Call it when the request ends. */
  release(): void;
}

interface Entry extends OpenRequest {
  key_id: string;
  session_id: string | undefined;
  /** When its session ends. */
  expires: number;
  asked: readonly Asked[];
  abort(): void;
}

const names: Record<RequestKind, string> = { claim: 'held claims', stream: 'open event streams' };
const limitNames = { claim: 'heldClaims', stream: 'streams' } as const satisfies Record<
  RequestKind,
  keyof NetworkLimits
>;

/** The requests that this process holds open: their number is limited over all replicas, and they end with their key or session. */
export class OpenRequests {
  readonly #database: Database;
  readonly #limits: NetworkLimits;
  readonly #clock: Clock;
  readonly #sharedClock: Clock;
  readonly #closing: AbortSignal;
  readonly #open = new Set<Entry>();
  readonly #counts: SharedCounts;
  #isWatching = false;

  constructor(
    database: Database,
    {
      limits,
      clock,
      sharedClock = clock,
      closing,
    }: { limits: NetworkLimits; clock: Clock; sharedClock?: Clock; closing: AbortSignal },
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#clock = clock;
    this.#sharedClock = sharedClock;
    this.#closing = closing;
    this.#counts = new SharedCounts(database, clock);
  }

  /**
   * @param weight - as how many requests it counts, as far as the caller may have so many
   * @throws {HeuristError} `rate_limited` if the owner, or its key, has as many open as it may
   */
  async open(identity: Identity, kind: RequestKind, weight = 1): Promise<OpenRequest> {
    const { owner, key_id, session } = identity;
    const asked = askedBy(identity, kind, limitsOf(identity, this.#limits)).map(
      (each): Asked => ({ ...each, amount: Math.min(weight, each.most) }),
    );
    const full = await this.#counts.take(asked);
    if (full)
      throw new HeuristError(
        `${whose(full, asked, owner)} has ${full.count} ${names[kind]}, and the limit is ${full.most}. End some first.`,
        { code: 'rate_limited' },
      );
    const revoked = new AbortController();
    const entry: Entry = {
      key_id,
      session_id: session?.session_id,
      expires: session?.expires ?? Number.POSITIVE_INFINITY,
      asked,
      signal: revoked.signal,
      abort: () => revoked.abort(),
      release: () => this.#release(entry),
    };
    this.#open.add(entry);
    void this.#watch();
    return entry;
  }

  /** Tells other replicas that nothing is held here any more. */
  async close(): Promise<void> {
    await this.#counts.close();
  }

  /** Ends the held claims of a miner, so that it asks again. */
  endClaims(miner_id: string): void {
    const place = placeOf({ role: 'miner', owner: miner_id }, 'claim');
    for (const entry of this.#open) if (entry.asked[0]?.place === place) entry.abort();
  }

  #release(entry: Entry): void {
    if (this.#open.delete(entry)) this.#counts.release(entry.asked);
  }

  /** Looks the keys up as long as requests are open. A database that is away ends nothing. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#open.size && !this.#closing.aborted) {
      await this.#clock.sleep(CHECK_MS, this.#closing);
      if (this.#closing.aborted) break;
      this.#endExpired();
      await this.#endRevoked().catch(() => {});
      await this.#endSessions().catch(() => {});
      await this.#counts.refresh().catch(() => {});
    }
    this.#isWatching = false;
  }

  #endExpired(): void {
    const now = this.#sharedClock.now();
    for (const entry of this.#open) if (entry.expires <= now) entry.abort();
  }

  async #endRevoked(): Promise<void> {
    const key_ids = [...new Set([...this.#open].map(({ key_id }) => key_id))].filter(Boolean);
    if (!key_ids.length) return;
    const query = `SELECT key_id FROM heurist.api_key WHERE key_id = ANY($1::uuid[]) AND ${IS_VALID}`;
    const rows = await this.#database.query<{ key_id: string }>(query, [key_ids]);
    const valid = new Set(rows.map(({ key_id }) => key_id));
    // one that was opened meanwhile was not looked up
    const gone = new Set(key_ids.filter((key_id) => !valid.has(key_id)));
    for (const entry of this.#open) if (gone.has(entry.key_id)) entry.abort();
  }

  /** Those of sessions that were revoked. */
  async #endSessions(): Promise<void> {
    const ids = [...new Set([...this.#open].flatMap(({ session_id }) => session_id ?? []))];
    if (!ids.length) return;
    const areThere = await areSessions(this.#database, ids);
    const gone = new Set(ids.filter((_, index) => !areThere[index]));
    for (const entry of this.#open) if (entry.session_id && gone.has(entry.session_id)) entry.abort();
  }
}

/** Where a request counts: with its owner, with its key if that has a stricter limit, and with its session. */
function askedBy(identity: Identity, kind: RequestKind, { shared, own }: CallerLimits): Asked[] {
  const name = limitNames[kind];
  const owner = { place: placeOf(identity, kind), most: shared[name] };
  const { key_id, session } = identity;
  return [
    owner,
    ...(own[name] < shared[name] ? [{ place: `${kind} key ${key_id}`, most: own[name] }] : []),
    ...(session ? [{ place: `${kind} session ${session.session_id}`, most: own.sessionStreams }] : []),
  ];
}

function whose({ place }: { place: string }, [first]: readonly Asked[], owner: string): string {
  if (place === first?.place) return owner;
  return / session [^ ]+$/.test(place) ? 'This session' : `This key of ${owner}`;
}

/** What counts together: requests of one kind by one owner. */
function placeOf({ role, owner }: Pick<Identity, 'role' | 'owner'>, kind: RequestKind): string {
  return `${kind} ${role} ${owner}`;
}
