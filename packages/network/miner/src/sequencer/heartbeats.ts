import type { TaskProgress } from '@heurist/core';
import { batch } from '@heurist/server-kit/batch';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { untraced } from '@heurist/server-kit/untraced';
import { isLost, LeaseKeeper } from './lease-keeper.ts';
import type { Heartbeat, HeartbeatAnswer, HeldTask, SequencerProtocol } from './sequencer-client.ts';

/** How long a sequencer that does not know the call for many is asked lease by lease. It may be one of several, and be updated. */
export const UNKNOWN_MS = 60_000;
/** Leases in one call at most. */
const MOST_LEASES = 100;
/** Characters of the previews in one call: a sequencer takes a megabyte. */
const MOST_PREVIEWS = 700_000;
/** An answer that comes sooner was not held. */
const HELD_MS = 500;
/**
 * How much later than expected an answer may come before a lease is renewed alone, at most: longer than such a call may take. A short
 * lease has no time for that: two thirds of it are gone when the answer of the call after the last good one is due.
 */
const LATE_MS = 7000;

type Outcome = HeartbeatAnswer | { error: unknown };

/**
 * The heartbeats of a miner process. One call is always on its way that renews all leases, and whose answer the sequencer holds until
 * one of the tasks must stop, or the next heartbeat is due. What is news meanwhile goes up beside it. A sequencer that does not know
 * the call gets a heartbeat for each lease.
 */
export class Heartbeats {
  readonly #sequencer: Pick<SequencerProtocol, 'heartbeat' | 'heartbeats'>;
  readonly #clock: Clock;
  readonly #kept = new Map<string, LeaseKeeper>();
  readonly #send = batch((heartbeats: readonly Heartbeat[]) => this.#sendAll(heartbeats));
  #unknownUntil = Number.NEGATIVE_INFINITY;
  #isWatching = false;
  /** Ends the call that is held, or the time until the next. */
  #pause = new AbortController();

  constructor(sequencer: Pick<SequencerProtocol, 'heartbeat' | 'heartbeats'>, clock: Clock = systemClock) {
    this.#sequencer = sequencer;
    this.#clock = clock;
  }

  /** Keeps the lease of a task alive, until it is released or lost. */
  keep(task: Pick<HeldTask, 'lease_id' | 'heartbeat_seconds'>): LeaseKeeper {
    const keeper = new LeaseKeeper(this, task, this.#clock, () => {
      this.#kept.delete(task.lease_id);
      // else it would keep the process
      if (!this.#kept.size) this.#pause.abort();
    });
    this.#kept.set(task.lease_id, keeper);
    void this.#watch();
    return keeper;
  }

  /** A heartbeat beside the call that is held; those of one moment go together. */
  async heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<HeartbeatAnswer> {
    const outcome = await this.#send({ lease_id, ...(progress && { progress }) });
    if ('error' in outcome) throw outcome.error;
    return outcome;
  }

  get #isKnown(): boolean {
    return this.#sequencer.heartbeats !== undefined && this.#clock.now() >= this.#unknownUntil;
  }

  /** Never fails: what fails is said of each of them. */
  async #sendAll(heartbeats: readonly Heartbeat[]): Promise<Outcome[]> {
    const parts = inParts(heartbeats).map(
      async (part) => (await this.#callMany(part, 0)) ?? (await this.#callEach(part)),
    );
    return (await Promise.all(parts)).flat();
  }

  async #callEach(heartbeats: readonly Heartbeat[]): Promise<Outcome[]> {
    const call = async ({ lease_id, progress }: Heartbeat): Promise<Outcome> => {
      try {
        return await untraced(() => this.#sequencer.heartbeat(lease_id, progress));
      } catch (error) {
        return { error };
      }
    };
    return await Promise.all(heartbeats.map(call));
  }

  /** `undefined`: the sequencer does not know the call. */
  async #callMany(
    heartbeats: readonly Heartbeat[],
    waitSeconds: number,
    signal?: AbortSignal,
  ): Promise<readonly Outcome[] | undefined> {
    if (!this.#isKnown) return undefined;
    try {
      const answers = await untraced(() => this.#sequencer.heartbeats!(heartbeats, waitSeconds, signal));
      if (!answers) this.#unknownUntil = this.#clock.now() + UNKNOWN_MS;
      return answers;
    } catch (error) {
      return heartbeats.map(() => ({ error }));
    }
  }

  async #watch(): Promise<void> {
    if (this.#isWatching || !this.#sequencer.heartbeats) return;
    this.#isWatching = true;
    // the claim has just begun the first lease
    let ms = this.#leaveAlone([...this.#kept.values()]);
    while (this.#kept.size) {
      this.#pause = new AbortController();
      const { signal } = this.#pause;
      await this.#clock.sleep(ms, signal);
      if (signal.aborted) continue;
      ms = this.#isKnown ? await this.#renewAll(signal) : this.#unknownUntil - this.#clock.now();
    }
    this.#isWatching = false;
  }

  /** Returns for how long these leases can do without a heartbeat. */
  #leaveAlone(keepers: readonly LeaseKeeper[]): number {
    const ms = Math.min(...keepers.map(({ intervalMs }) => intervalMs));
    if (this.#isKnown) for (const keeper of keepers) keeper.leaveAlone(ms + Math.min(ms / 2, LATE_MS));
    return ms;
  }

  /** Renews all leases in a call that is held. Returns in how many milliseconds the next one is due. */
  async #renewAll(signal: AbortSignal): Promise<number> {
    const kept = [...this.#kept].slice(0, MOST_LEASES);
    const keepers = kept.map(([, keeper]) => keeper);
    const sentAt = this.#clock.now();
    const holdMs = this.#leaveAlone(keepers);
    const heartbeats = kept.map(([lease_id]) => ({ lease_id }));
    const outcomes = await this.#callMany(heartbeats, holdMs / 1000, signal);
    if (!outcomes) {
      for (const keeper of keepers) keeper.leaveAlone(0);
      return 0;
    }
    for (const [index, keeper] of keepers.entries()) keeper.accept(outcomes[index] ?? NO_ANSWER);
    const wasHeld = this.#clock.now() - sentAt >= HELD_MS && !outcomes.some(hasFailed);
    if (wasHeld || outcomes.some(isOver)) return 0;
    return sentAt + Math.min(...keepers.map(({ intervalMs }) => intervalMs)) - this.#clock.now();
  }
}

const isOver = (outcome: Outcome) => ('error' in outcome ? isLost(outcome.error) : outcome.cancel);
const hasFailed = (outcome: Outcome) => 'error' in outcome && !isLost(outcome.error);

const NO_ANSWER = { error: new Error('The sequencer did not answer for this lease.') };

/** Few enough for a call, previews included. */
function inParts(heartbeats: readonly Heartbeat[]): Heartbeat[][] {
  const parts: Heartbeat[][] = [[]];
  let room = MOST_PREVIEWS;
  for (const heartbeat of heartbeats) {
    const size = heartbeat.progress?.preview?.length ?? 0;
    const part = parts.at(-1)!;
    if (part.length && (part.length >= MOST_LEASES || size > room)) {
      parts.push([heartbeat]);
      room = MOST_PREVIEWS - size;
    } else {
      part.push(heartbeat);
      room -= size;
    }
  }
  return parts;
}
