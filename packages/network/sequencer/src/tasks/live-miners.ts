import { SharedLook } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';

/** A miner that waits for work asks again at least once a minute. */
const SILENT_AFTER_MS = 90_000;
/** The same is not written more often: a thousand miners must not cost a write each second. */
const WRITE_MS = 20_000;
/** Callers of the same moment share one look. */
const FRESH_MS = 500;

/** What a miner said of itself. */
export interface LiveMiner {
  miner_id: string;
  workflow_ids: string[];
  /** Workflow id -> what its ComfyUI lacks. */
  lacks: Record<string, string[]>;
}

/** What this process wrote of a miner last. */
interface Said {
  offers: string;
  at: number;
  seen_at: Date;
}

/** Which workflows are run by the miners that were heard of lately, by whichever replica. */
export class LiveMiners {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #graceEnds: number;
  readonly #said = new Map<string, Said>();
  readonly #look: SharedLook<LiveMiner[]>;

  /**
   * @param graceMs - how long miners have after the start, before one that is missing is told of
   * @param now - the time in milliseconds; tests make it pass
   */
  constructor(sql: Sql, graceMs: number, now: () => number = Date.now) {
    this.#sql = sql;
    this.#now = now;
    this.#graceEnds = now() + graceMs;
    this.#look = new SharedLook(() => this.#read(), FRESH_MS, now);
  }

  /**
   * A miner asks for tasks of these workflows.
   *
   * @param lacks - what it says of the others, which it does not say each time
   */
  async offers(miner_id: string, workflow_ids: readonly string[], lacks?: Record<string, string[]>): Promise<void> {
    const said = this.#said.get(miner_id);
    const offers = workflow_ids.toSorted().join('\n');
    if (!lacks && said?.offers === offers && this.#now() - said.at < WRITE_MS) return;
    // several machines may share a key: what each offers is added to what the others do
    await this.#write(
      miner_id,
      offers,
      `INSERT INTO heurist.miner AS miner (miner_id, seen_at, offers, lacks) VALUES ($1, $2, $3, coalesce($4, '{}'::jsonb))
       ON CONFLICT (miner_id) DO UPDATE SET
         seen_at = $2, offers = miner.offers || $3, lacks = coalesce($4, miner.lacks) RETURNING seen_at`,
      [
        JSON.stringify(Object.fromEntries(workflow_ids.map((workflow_id) => [workflow_id, this.#now()]))),
        lacks ? JSON.stringify(lacks) : null,
      ],
    );
  }

  /** A miner has gone while it waited for work. One that came to another replica meanwhile stays. */
  async leaves(miner_id: string): Promise<void> {
    const said = this.#said.get(miner_id);
    if (!said) return;
    this.#said.delete(miner_id);
    this.#look.forget();
    const query = 'DELETE FROM heurist.miner WHERE miner_id = $1 AND seen_at <= $2';
    await this.#sql.query(query, [miner_id, said.seen_at]);
  }

  /** A miner is at work, and asks for nothing meanwhile. */
  async isAtWork(miner_id: string): Promise<void> {
    const said = this.#said.get(miner_id);
    if (said && this.#now() - said.at < WRITE_MS) return;
    await this.#write(
      miner_id,
      said?.offers ?? '',
      `UPDATE heurist.miner SET seen_at = $2, offers = (
         SELECT coalesce(jsonb_object_agg(workflow_id, $3::float8), '{}') FROM jsonb_object_keys(offers) AS keys(workflow_id)
       ) WHERE miner_id = $1 RETURNING seen_at`,
      [this.#now()],
    );
  }

  async #write(miner_id: string, offers: string, text: string, values: unknown[]): Promise<void> {
    const at = this.#now();
    const [row] = await this.#sql.query<{ seen_at: Date }>(text, [miner_id, new Date(at), ...values]);
    if (row) this.#said.set(miner_id, { offers, at, seen_at: row.seen_at });
    this.#look.forget();
  }

  /** The miners that were heard of lately. */
  async list(): Promise<LiveMiner[]> {
    return await this.#look.get();
  }

  async #read(): Promise<LiveMiner[]> {
    const since = this.#now() - SILENT_AFTER_MS;
    const rows = await this.#sql.query<Omit<LiveMiner, 'workflow_ids'> & { offers: Record<string, number> }>(
      'SELECT miner_id, offers, lacks FROM heurist.miner WHERE seen_at > $1 ORDER BY miner_id',
      [new Date(since)],
    );
    const all = rows.map(({ offers, ...miner }) => {
      const fresh = Object.entries(offers).filter(([, time]) => time > since);
      return { ...miner, workflow_ids: fresh.map(([workflow_id]) => workflow_id) };
    });
    return all.filter(({ workflow_ids }) => workflow_ids.length > 0);
  }

  /** Forgets those that have been silent for long. */
  async sweep(): Promise<void> {
    const since = new Date(this.#now() - SILENT_AFTER_MS);
    await this.#sql.query('DELETE FROM heurist.miner WHERE seen_at < $1', [since]);
    for (const [miner_id, { at }] of this.#said) if (at < since.getTime()) this.#said.delete(miner_id);
  }

  /** What to tell somebody who waits for a workflow that nobody runs. */
  async warningFor(workflow_id: string): Promise<string | undefined> {
    if (this.#now() < this.#graceEnds) return undefined;
    const miners = await this.list();
    if (miners.some(({ workflow_ids }) => workflow_ids.includes(workflow_id))) return undefined;
    return `No miner of this network runs workflow ${workflow_id} now. The task waits until one does.`;
  }
}
