import type { Server } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import { CallCounts } from '../counts/call-counts.ts';
import type { NetworkLimits } from '../limits/limits.ts';
import { isInside, networkOf, readNetworks, unmap } from './caller-address.ts';
import { type AskedAddress, askedAddress, originatorOf, type Remote } from './forwarded.ts';

/** How often the log warns. */
const WARN_MS = 60_000;

/** What an address does without a valid key. */
type AddressCall = 'failed' | 'keyless';

const limitNames = { failed: 'failedCalls', keyless: 'keylessCalls' } as const satisfies Record<
  AddressCall,
  keyof NetworkLimits
>;

interface AddressesOptions {
  limits: NetworkLimits;
  clock?: Clock;
  logger?: Logger;
  /** Addresses or networks whose `X-Forwarded-*` and `Forwarded` are believed. */
  trustedProxies?: readonly string[];
  /** Shared with other replicas. Default: there are none. */
  counts?: CallCounts;
}

/**
 * What one address may do that shows no valid key. Calls are counted by the minute, over all replicas. Connections are counted
 * while they are open, by each process for itself: its own sockets are what this protects.
 */
export class Addresses {
  readonly #limits: NetworkLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #proxies: BlockList;
  readonly #counts: CallCounts;
  readonly #connections = new Map<string, number>();
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** @throws {HeuristError} `invalid_configuration` for a proxy that is neither an address nor a network */
  constructor({
    limits,
    clock = systemClock,
    logger = silentLogger,
    trustedProxies = [],
    counts = new CallCounts({ clock }),
  }: AddressesOptions) {
    this.#limits = limits;
    this.#clock = clock;
    this.#logger = logger;
    this.#proxies = readNetworks(trustedProxies);
    this.#counts = counts;
  }

  /**
   * Refuses an address that has made too many such calls within a minute.
   *
   * @throws {HeuristError} `rate_limited`
   */
  check(remote: Remote, call: AddressCall): void {
    const address = this.#networkOf(remote);
    if (address === undefined) return;
    const most = this.#limits[limitNames[call]];
    if (!this.#counts.isFull(address, call, most)) return;
    this.#warn('too many calls', address, most);
    const what = call === 'failed' ? 'calls without a valid key' : 'calls that need no key';
    throw new HeuristError(
      `There were ${most} ${what} from your address within a minute, the limit. Try again in a minute.`,
      {
        code: 'rate_limited',
        isRetryable: true,
      },
    );
  }

  /** Counts a call. */
  record(remote: Remote, call: AddressCall): void {
    const address = this.#networkOf(remote);
    if (address !== undefined) this.#counts.record(address, call, this.#limits[limitNames[call]]);
  }

  /** Closes connections of an address that has too many, before anything is read of them. Proxies that are trusted may have any number. */
  limitConnections(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const remote = unmap(socket.remoteAddress);
      if (remote === undefined || isInside(this.#proxies, remote)) return;
      const address = networkOf(remote);
      const count = (this.#connections.get(address) ?? 0) + 1;
      this.#connections.set(address, count);
      socket.once('close', () => {
        const left = (this.#connections.get(address) ?? 1) - 1;
        if (left) this.#connections.set(address, left);
        else this.#connections.delete(address);
      });
      if (count <= this.#limits.connections) return;
      this.#warn('too many connections', address, this.#limits.connections);
      socket.destroy();
    });
  }

  /** The address that a caller used, as far as trusted proxies say it. */
  asked(remote: Remote): AskedAddress {
    return askedAddress(remote, this.#proxies);
  }

  /** The address that is counted. IPv6 counts by /64. */
  #networkOf(remote: Remote): string | undefined {
    const found = originatorOf(remote, this.#proxies);
    return found && networkOf(found.caller);
  }

  #warn(what: string, address: string, limit: number): void {
    if (this.#clock.now() - this.#warnedAt < WARN_MS) return;
    this.#warnedAt = this.#clock.now();
    this.#logger.warn(`${what} from one address; if it is a proxy, name it in --trust-proxy`, { address, limit });
  }
}
