import { batch } from '@heurist/server-kit/batch';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import { defaultLimits, type NetworkLimits } from '../access/limits/limits.ts';
import type { Sql } from '../database/database.ts';

/** A miner that waits for work asks again at least once a minute. */
const OFFLINE_AFTER_MS = 90_000;
/** An unchanged miner is not written more often: a thousand miners must not cost a write per second. */
const WRITE_INTERVAL_MS = 20_000;
/** How long a replica serves the list of miners from memory. */
const TTL_MS = 500;

/** What a miner has said about itself. */
export interface LiveMiner {
  miner_id: string;
  workflow_ids: string[];
  /** Workflow id -> what its ComfyUI is missing. */
  lacks: Record<string, string[]>;
}

/** What this process last wrote about a miner. */
interface LastWrite {
  offers: string;
  at: number;
  seen_at: Date;
}

/** The miners that any replica has heard of lately, and the workflows that they run. */
export class LiveMiners {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #graceEnds: number;
  readonly #maxOffers: number;
  readonly #written = new Map<string, LastWrite>();
  readonly #cache: TtlCache<LiveMiner[]>;
  readonly #beat = batch((miner_ids: readonly string[]) => this.#recordBeats(miner_ids));

  /** @param graceMs - how long miners have to connect after the start, before missing ones cause warnings */
  constructor(
    sql: Sql,
    graceMs: number,
    clock: Clock = systemClock,
    { offers }: Pick<NetworkLimits, 'offers'> = defaultLimits,
  ) {
    this.#maxOffers = offers;
    this.#sql = sql;
    this.#clock = clock;
    this.#graceEnds = clock.now() + graceMs;
    this.#cache = new TtlCache(
      () => this.#read(),
      TTL_MS,
      () => clock.now(),
    );
  }

  /**
   * Records that a miner asks for tasks of these workflows.
   *
   * @param lacks - what it is missing for others, which it does not say each time
   */
  async recordOffer(
    miner_id: string,
    workflow_ids: readonly string[],
    lacks?: Record<string, string[]>,
  ): Promise<void> {
    const last = this.#written.get(miner_id);
    const offers = workflow_ids.toSorted().join('\n');
    if (!lacks && last?.offers === offers && this.#isFresh(last)) return;
    // several machines may share a key: their offers add up, as long as they are fresh
    await this.#write(
      miner_id,
      offers,
      `INSERT INTO heurist.miner AS miner (miner_id, seen_at, offers, lacks) VALUES ($1, $2, $3, coalesce($4, '{}'::jsonb))
       ON CONFLICT (miner_id) DO UPDATE SET
         seen_at = $2, lacks = coalesce($4, miner.lacks), offers = (
           SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (
             SELECT key, value FROM jsonb_each(miner.offers || $3) WHERE value::float8 > $5
             ORDER BY value::float8 DESC LIMIT $6
           ) AS fresh
         ) RETURNING seen_at`,
      [
        JSON.stringify(Object.fromEntries(workflow_ids.map((workflow_id) => [workflow_id, this.#clock.now()]))),
        lacks ? JSON.stringify(lacks) : null,
        this.#clock.now() - OFFLINE_AFTER_MS,
        this.#maxOffers,
      ],
    );
  }

  /** Records a heartbeat of a miner that runs a task and asks for nothing meanwhile. Those of one moment are one statement. */
  async recordHeartbeat(miner_id: string): Promise<void> {
    const last = this.#written.get(miner_id);
    if (last && this.#isFresh(last)) return;
    await this.#beat(miner_id);
  }

  /** The list of miners stays as it is: they were in it, or come with the next one. */
  async #recordBeats(miner_ids: readonly string[]): Promise<undefined[]> {
    const at = this.#clock.now();
    const rows = await this.#sql.query<{ miner_id: string; seen_at: Date }>(
      `UPDATE heurist.miner SET seen_at = $2, offers = (
         SELECT coalesce(jsonb_object_agg(workflow_id, $3::float8), '{}') FROM jsonb_object_keys(offers) AS keys(workflow_id)
       ) WHERE miner_id = ANY($1) RETURNING miner_id, seen_at`,
      [[...new Set(miner_ids)].toSorted(), new Date(at), at],
    );
    for (const { miner_id, seen_at } of rows)
      this.#written.set(miner_id, { offers: this.#written.get(miner_id)?.offers ?? '', at, seen_at });
    return miner_ids.map(() => undefined);
  }

  /** A time that is to come is of before a correction of the clock. */
  #isFresh({ at }: LastWrite): boolean {
    const age = this.#clock.now() - at;
    return age >= 0 && age < WRITE_INTERVAL_MS;
  }

  /** Forgets a miner that disconnected while it waited. One that has come to another replica meanwhile stays. */
  async recordDisconnect(miner_id: string): Promise<void> {
    const last = this.#written.get(miner_id);
    if (!last) return;
    this.#written.delete(miner_id);
    this.#cache.clear();
    const query = 'DELETE FROM heurist.miner WHERE miner_id = $1 AND seen_at <= $2';
    await this.#sql.query(query, [miner_id, last.seen_at]);
  }

  async #write(miner_id: string, offers: string, text: string, values: unknown[]): Promise<void> {
    const at = this.#clock.now();
    const [row] = await this.#sql.query<{ seen_at: Date }>(text, [miner_id, new Date(at), ...values]);
    if (row) this.#written.set(miner_id, { offers, at, seen_at: row.seen_at });
    this.#cache.clear();
  }

  /** The miners that were heard of lately. */
  async list(): Promise<LiveMiner[]> {
    return await this.#cache.get();
  }

  async #read(): Promise<LiveMiner[]> {
    const since = this.#clock.now() - OFFLINE_AFTER_MS;
    const rows = await this.#sql.query<Omit<LiveMiner, 'workflow_ids'> & { offers: Record<string, number> }>(
      'SELECT miner_id, offers, lacks FROM heurist.miner WHERE seen_at > $1 ORDER BY miner_id',
      [new Date(since)],
    );
    const miners = rows.map(({ offers, ...miner }) => {
      const fresh = Object.entries(offers).filter(([, time]) => time > since);
      return { ...miner, workflow_ids: fresh.map(([workflow_id]) => workflow_id) };
    });
    return miners.filter(({ workflow_ids }) => workflow_ids.length > 0);
  }

  /** Deletes miners that have been offline for long. */
  async sweep(): Promise<void> {
    const since = new Date(this.#clock.now() - OFFLINE_AFTER_MS);
    await this.#sql.query('DELETE FROM heurist.miner WHERE seen_at < $1', [since]);
    for (const [miner_id, { at }] of this.#written) if (at < since.getTime()) this.#written.delete(miner_id);
  }

  /** Whether a connected miner runs a workflow. One that is put aside does: it may get tasks again, others may have none. */
  async isServed(workflow_id: string): Promise<boolean> {
    return (await this.list()).some(({ workflow_ids }) => workflow_ids.includes(workflow_id));
  }

  /** The warning for a consumer who waits for a workflow that no connected miner runs. */
  async warningFor(workflow_id: string): Promise<string | undefined> {
    if (this.#clock.now() < this.#graceEnds) return undefined;
    if (await this.isServed(workflow_id)) return undefined;
    return `No miner connected to this network runs workflow ${workflow_id}. The task waits until one does.`;
  }
}
