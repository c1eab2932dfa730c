import { batch } from '@heurist/server-kit/batch';
import type { Clock } from '@heurist/server-kit/clock';

/** How long a replica goes on accepting what was revoked at another one. */
const TTL_MS = 1000;

/** How long what is held while news come is held at most: for what changes without news, such as a limit that another key of an owner sets and that ends with it. */
const HELD_MS = 60_000;

interface Entry<Value> {
  value: Promise<Value>;
  /** When it was looked up. */
  at: number;
  /** What was found. Missing: nothing yet. */
  found?: { value: Value };
}

interface CachedLookupOptions {
  clock: Clock;
  /** Names that are cached at most. */
  maxCached: number;
  /** Whether changes are told by {@link CachedLookup.forget} and {@link CachedLookup.clear}, so that what is there may be held. Default: never. */
  isTold?: () => boolean;
}

/** Looks names up in the database: each once a second at most, or once a minute while changes are told; those of one moment in one statement. */
export class CachedLookup<Value> {
  readonly #find: (name: string) => Promise<Value>;
  readonly #options: Required<CachedLookupOptions>;
  readonly #cache = new Map<string, Entry<Value>>();

  /** @param find - answers in the order of the names */
  constructor(find: (names: readonly string[]) => Promise<readonly Value[]>, options: CachedLookupOptions) {
    this.#find = batch(find);
    this.#options = { isTold: () => false, ...options };
  }

  /** The least recently used one leaves a full cache. */
  async get(name: string): Promise<Value> {
    const cached = this.#cache.get(name);
    const entry = cached && this.#isGood(cached) ? cached : this.#look(name);
    this.#cache.delete(name);
    this.#cache.set(name, entry);
    if (this.#cache.size > this.#options.maxCached) this.#cache.delete(this.#cache.keys().next().value ?? '');
    return await entry.value;
  }

  #isGood({ at, found }: Entry<Value>): boolean {
    const age = this.#options.clock.now() - at;
    // a value of the future is of before the clock was set back
    if (age < 0) return false;
    if (age <= TTL_MS) return true;
    // what is not there is looked for again: anybody can ask for it, and nobody tells how it was called
    return age <= HELD_MS && found?.value !== undefined && this.#options.isTold();
  }

  #look(name: string): Entry<Value> {
    const entry: Entry<Value> = { value: this.#find(name), at: this.#options.clock.now() };
    entry.value.then(
      (value) => {
        entry.found = { value };
      },
      () => {
        if (this.#cache.get(name) === entry) this.#cache.delete(name);
      },
    );
    return entry;
  }

  /** Something has changed for those that this is true of. What is being looked up, or was not there, may have changed too. */
  forget(isChanged: (value: Value) => boolean): void {
    for (const [name, { found }] of this.#cache)
      if (found?.value === undefined || isChanged(found.value)) this.#cache.delete(name);
  }

  /** Anything may have changed. */
  clear(): void {
    this.#cache.clear();
  }
}
