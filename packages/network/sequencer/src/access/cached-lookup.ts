import { batch } from '@heurist/server-kit/batch';
import type { Clock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';

/** How long a replica goes on accepting what was revoked at another one. */
const TTL_MS = 1000;

/** Looks names up in the database: each once a second at most, those of one moment in one statement. */
export class CachedLookup<Value> {
  readonly #find: (name: string) => Promise<Value>;
  readonly #clock: Clock;
  readonly #maxCached: number;
  readonly #cache = new Map<string, TtlCache<Value>>();

  /**
   * @param find - answers in the order of the names
   * @param maxCached - names that are cached at most
   */
  constructor(
    find: (names: readonly string[]) => Promise<readonly Value[]>,
    { clock, maxCached }: { clock: Clock; maxCached: number },
  ) {
    this.#find = batch(find);
    this.#clock = clock;
    this.#maxCached = maxCached;
  }

  /** The least recently used one leaves a full cache. */
  get(name: string): Promise<Value> {
    const cached =
      this.#cache.get(name) ??
      new TtlCache(
        () => this.#find(name),
        TTL_MS,
        () => this.#clock.now(),
      );
    this.#cache.delete(name);
    this.#cache.set(name, cached);
    if (this.#cache.size > this.#maxCached) this.#cache.delete(this.#cache.keys().next().value ?? '');
    return cached.get();
  }

  /** Something has changed. */
  clear(): void {
    this.#cache.clear();
  }
}
