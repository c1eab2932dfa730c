import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../database/database.ts';
import { findNeglected } from './table/late-lines.ts';

/** A miner that is there takes a task that waits within seconds. One that loads a model for minutes has taken it before. */
const NEGLECTED_SECONDS = 60;
/** How long an answer is served from memory. */
const TTL_MS = 2000;

/**
 * Workflows whose tasks nobody takes, whatever miners offer: what they say costs them nothing, so what they do decides which
 * graph a task gets that names none.
 */
export class Neglected {
  readonly #cache: TtlCache<ReadonlySet<string>>;

  constructor(sql: Sql, workflow_ids: readonly string[], clock: Clock = systemClock) {
    this.#cache = new TtlCache(
      async () => new Set(await findNeglected(sql, workflow_ids, NEGLECTED_SECONDS)),
      TTL_MS,
      () => clock.now(),
    );
  }

  async list(): Promise<ReadonlySet<string>> {
    return await this.#cache.get();
  }
}
