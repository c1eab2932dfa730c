import type { Clock } from '@heurist/server-kit/clock';
import type { Identity, Keys } from '../../access/keys/keys.ts';
import { limitsOf } from '../../access/limits/caller-limits.ts';
import type { NetworkLimits } from '../../access/limits/limits.ts';
import type { Bus } from '../../bus/bus.ts';

/** How often it is looked whether news still come, and keys are valid: from memory, as long as news come. */
const CHECK_MS = 500;

interface HeldHeartbeatsOptions {
  bus: Pick<Bus, 'onStop' | 'isUp'>;
  keys: Pick<Keys, 'identifyById'>;
  limits: NetworkLimits;
  clock: Clock;
  /** Fires when the server closes. */
  closing: AbortSignal;
}

/** Why an answer is held no longer, or was not held at all: `unheard` if news of a cancel could not have been heard from now on. */
export type HoldEnd = 'stopped' | 'key ended' | 'due' | 'unheard';

type End = (why: HoldEnd) => void;

/** Heartbeats whose answers wait for news: a miner that runs a task asks seldom, and must hear of a cancel at once. */
export class HeldHeartbeats {
  readonly #options: HeldHeartbeatsOptions;
  /** Those of each key, by what ends them. */
  readonly #held = new Map<string, Set<End>>();
  #isWatching = false;

  constructor(options: HeldHeartbeatsOptions) {
    this.#options = options;
    // once for all: a listener for each, on a signal that lives as long as the server, would cost more than the heartbeat
    options.closing.addEventListener('abort', () => this.#endAll([...this.#held.keys()], 'unheard'));
  }

  /**
   * Listens for news of some tasks: begin before their leases are renewed, so that none is missed.
   *
   * @returns `hold`: waits for news, for `ms` at most; not at all while news cannot come, or if the key has as many held as it may.
   *   `end`: call it afterwards
   */
  listen(miner: Identity, task_ids: readonly string[]) {
    const { promise, resolve } = Promise.withResolvers<HoldEnd>();
    const stops = task_ids.map((task_id) => this.#options.bus.onStop(task_id, () => resolve('stopped')));
    return {
      hold: async (ms: number) => {
        if (this.#hasRoom(miner)) await this.#hold(miner.key_id, ms, promise, resolve);
        resolve('unheard');
        return await promise;
      },
      end: () => {
        for (const stop of stops) stop();
      },
    };
  }

  #hasRoom(miner: Identity): boolean {
    const { heldHeartbeats } = limitsOf(miner, this.#options.limits).own;
    const { bus, closing } = this.#options;
    return !closing.aborted && bus.isUp() && (this.#held.get(miner.key_id)?.size ?? 0) < heldHeartbeats;
  }

  /** A miner that has gone is not noticed: what it holds ends soon. */
  async #hold(key_id: string, ms: number, ended: Promise<HoldEnd>, end: End): Promise<void> {
    const sleeping = new AbortController();
    const own = this.#held.get(key_id) ?? new Set();
    this.#held.set(key_id, own.add(end));
    void this.#options.clock.sleep(ms, sleeping.signal).then(() => end('due'));
    void this.#watch();
    // a sleep that is over needs no end
    if ((await ended) !== 'due') sleeping.abort();
    own.delete(end);
    if (!own.size) this.#held.delete(key_id);
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#held.size) {
      await this.#options.clock.sleep(CHECK_MS);
      if (this.#options.bus.isUp()) await this.#endOfEndedKeys();
      else this.#endAll([...this.#held.keys()], 'unheard');
    }
    this.#isWatching = false;
  }

  /** A database that is away ends nothing. */
  async #endOfEndedKeys(): Promise<void> {
    const key_ids = [...this.#held.keys()];
    const found = await Promise.all(key_ids.map((key_id) => this.#options.keys.identifyById(key_id).catch(() => true)));
    const ended = key_ids.filter((_, index) => !found[index]);
    this.#endAll(ended, 'key ended');
  }

  #endAll(key_ids: readonly string[], why: HoldEnd): void {
    for (const key_id of key_ids) for (const end of this.#held.get(key_id) ?? []) end(why);
  }
}
