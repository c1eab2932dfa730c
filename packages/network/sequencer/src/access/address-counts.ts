import type { Clock } from '@heurist/server-kit/clock';
import { type AddressCall, type AddressNews, WINDOW_MS } from '../bus/address-news.ts';

/** Addresses in memory at most, of this replica and of all others: those that were seen last. */
const MAX_ADDRESSES = 20_000;
/** Replicas at most of which news of one address are kept. */
const MAX_REPLICAS = 64;
/** Others hear of an address each time it has used this part of a limit here: most addresses are never told. */
const TOLD_PART = 1 / 32;

/** Calls of an address since a minute began, and how many of them others have heard of. */
interface Window extends Record<AddressCall, number> {
  since: number;
  told: Record<AddressCall, number>;
}

/** What another replica has counted of an address, and until when that counts. */
interface Heard {
  count: number;
  until: number;
}

interface AddressCountsOptions {
  limits: Readonly<Record<AddressCall, number>>;
  clock: Clock;
  /** Tells other replicas. */
  tell: (news: AddressNews) => void;
}

/**
 * Counts calls of addresses by the minute, over all replicas, without a statement: replicas tell each other of addresses that
 * come near a limit. Counts of one minute may exceed a limit by what the replicas have not told yet: a 32nd each, and what
 * happened within a tenth of a second.
 */
export class AddressCounts {
  readonly #options: AddressCountsOptions;
  readonly #own = new Map<string, Window>();
  /** By address and call, then by replica. */
  readonly #elsewhere = new Map<string, Map<string, Heard>>();

  constructor(options: AddressCountsOptions) {
    this.#options = options;
  }

  /** Whether an address has made as many such calls as it may. */
  isFull(address: string, call: AddressCall): boolean {
    const own = this.#current(address)?.[call] ?? 0;
    return own + this.#countElsewhere(address, call) >= this.#options.limits[call];
  }

  /** Counts a call that was made here. */
  record(address: string, call: AddressCall): void {
    const now = this.#options.clock.now();
    const window = this.#current(address) ?? { since: now, failed: 0, keyless: 0, told: { failed: 0, keyless: 0 } };
    window[call]++;
    keepLatest(this.#own, address, window, MAX_ADDRESSES);
    if (window[call] - window.told[call] < this.#options.limits[call] * TOLD_PART) return;
    window.told[call] = window[call];
    this.#options.tell({ address, call, count: window[call], ageMs: Math.max(0, now - window.since) });
  }

  /** Takes in what another replica has counted. */
  hear(replica: string, { address, call, count, ageMs }: AddressNews): void {
    const name = `${call} ${address}`;
    const heard = this.#elsewhere.get(name) ?? new Map<string, Heard>();
    keepLatest(heard, replica, { count, until: this.#options.clock.now() + WINDOW_MS - ageMs }, MAX_REPLICAS);
    keepLatest(this.#elsewhere, name, heard, MAX_ADDRESSES);
  }

  #current(address: string): Window | undefined {
    const window = this.#own.get(address);
    return window && this.#options.clock.now() - window.since < WINDOW_MS ? window : undefined;
  }

  #countElsewhere(address: string, call: AddressCall): number {
    const heard = this.#elsewhere.get(`${call} ${address}`);
    if (!heard) return 0;
    const now = this.#options.clock.now();
    const live = [...heard.values()].filter(({ until }) => now < until);
    if (!live.length) this.#elsewhere.delete(`${call} ${address}`);
    return live.reduce((sum, { count }) => sum + count, 0);
  }
}

/** Sets a value as the latest, and drops the oldest beyond `most`. */
function keepLatest<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > most) map.delete(map.keys().next().value ?? '');
}
