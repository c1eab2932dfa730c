import type { Clock } from '@heurist/server-kit/clock';
import { type Bus, createBus } from '../../bus/bus.ts';
import { type CallKind, type CallNews, WINDOW_MS } from '../../bus/call-news.ts';

/** Callers in memory at most, of this replica and of all others: those that were seen last. */
const MAX_CALLERS = 20_000;
/** Replicas at most of which news of one caller are kept. */
const MAX_REPLICAS = 64;
/** Others hear of a caller each time it has used this part of a limit here: most callers are never told. */
const TOLD_PART = 1 / 32;

/** Calls of one kind since a minute began, and how many of them others have heard of. */
interface Window {
  since: number;
  count: number;
  told: number;
}

/** What another replica has counted of a caller, and until when that counts. */
interface Heard {
  count: number;
  until: number;
}

interface CallCountsOptions {
  clock: Clock;
  /** To and from other replicas. Default: there are none. */
  bus?: Pick<Bus, 'tellCalls' | 'onCalls'>;
}

/**
 * Counts calls by the minute, over all replicas, without a statement: replicas tell each other of callers that come near a
 * limit. Counts of one minute may exceed a limit by what the replicas have not told yet: a 32nd each, and what happened within
 * a tenth of a second.
 */
export class CallCounts {
  readonly #clock: Clock;
  readonly #bus: NonNullable<CallCountsOptions['bus']>;
  readonly #own = new Map<string, Window>();
  /** By caller and kind of call, then by replica. */
  readonly #elsewhere = new Map<string, Map<string, Heard>>();

  constructor({ clock, bus = createBus() }: CallCountsOptions) {
    this.#clock = clock;
    this.#bus = bus;
    bus.onCalls((replica, news) => this.#hear(replica, news));
  }

  /** Whether a caller has made as many such calls as it may. */
  isFull(caller: string, call: CallKind, most: number): boolean {
    const name = nameOf(caller, call);
    return (this.#current(name)?.count ?? 0) + this.#countElsewhere(name) >= most;
  }

  /** Counts calls that were made here. */
  record(caller: string, call: CallKind, most: number, calls = 1): void {
    const now = this.#clock.now();
    const name = nameOf(caller, call);
    const window = this.#current(name) ?? { since: now, count: 0, told: 0 };
    window.count += calls;
    keepLatest(this.#own, name, window, MAX_CALLERS);
    if (window.count - window.told < most * TOLD_PART) return;
    window.told = window.count;
    this.#bus.tellCalls({ caller, call, count: window.count, ageMs: Math.max(0, now - window.since) });
  }

  /** Takes in what another replica has counted. */
  #hear(replica: string, { caller, call, count, ageMs }: CallNews): void {
    const name = nameOf(caller, call);
    const heard = this.#elsewhere.get(name) ?? new Map<string, Heard>();
    keepLatest(heard, replica, { count, until: this.#clock.now() + WINDOW_MS - ageMs }, MAX_REPLICAS);
    keepLatest(this.#elsewhere, name, heard, MAX_CALLERS);
  }

  #current(name: string): Window | undefined {
    const window = this.#own.get(name);
    return window && this.#clock.now() - window.since < WINDOW_MS ? window : undefined;
  }

  #countElsewhere(name: string): number {
    const heard = this.#elsewhere.get(name);
    if (!heard) return 0;
    const now = this.#clock.now();
    const live = [...heard.values()].filter(({ until }) => now < until);
    if (!live.length) this.#elsewhere.delete(name);
    return live.reduce((sum, { count }) => sum + count, 0);
  }
}

const nameOf = (caller: string, call: CallKind) => `${call} ${caller}`;

/** Sets a value as the latest, and drops the oldest beyond `most`. */
function keepLatest<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > most) map.delete(map.keys().next().value ?? '');
}
