import type { Server } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import type { NetworkLimits } from './limits.ts';

const MINUTE_MS = 60_000;
/** Addresses in memory at most: those that were seen last. */
const MAX_ADDRESSES = 20_000;

/** What an address does without a valid key. */
export type AddressCall = 'failed' | 'keyless';

const limitNames = { failed: 'failedCalls', keyless: 'keylessCalls' } as const satisfies Record<
  AddressCall,
  keyof NetworkLimits
>;

interface AddressesOptions {
  limits: NetworkLimits;
  clock?: Clock;
  logger?: Logger;
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
}

/** What a caller's connection and headers say about where it is. */
export interface Remote {
  address: string | undefined;
  forwardedFor: string | undefined;
}

/** Calls of an address since a minute began. */
interface Counts extends Record<AddressCall, number> {
  since: number;
}

/**
 * What one address may do that shows no valid key: calls are counted by the minute, connections while they are open. Each
 * process counts for itself: its own sockets and its own work are what this protects.
 */
export class Addresses {
  readonly #limits: NetworkLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #proxies: BlockList;
  readonly #counts = new Map<string, Counts>();
  readonly #connections = new Map<string, number>();
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** @throws {HeuristError} `invalid_configuration` for a proxy that is neither an address nor a network */
  constructor({ limits, clock = systemClock, logger = silentLogger, trustedProxies = [] }: AddressesOptions) {
    this.#limits = limits;
    this.#clock = clock;
    this.#logger = logger;
    this.#proxies = readNetworks(trustedProxies);
  }

  /**
   * Refuses an address that has made too many such calls within a minute.
   *
   * @throws {HeuristError} `rate_limited`
   */
  check(remote: Remote, call: AddressCall): void {
    const address = this.#addressOf(remote);
    if (address === undefined) return;
    const most = this.#limits[limitNames[call]];
    if (this.#countsOf(address)[call] < most) return;
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
    const address = this.#addressOf(remote);
    if (address !== undefined) this.#countsOf(address)[call]++;
  }

  /** Closes connections of an address that has too many, before anything is read of them. Proxies that are trusted may have any number. */
  limitConnections(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const remote = unmap(socket.remoteAddress);
      if (remote === undefined || this.#isProxy(remote)) return;
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

  #warn(what: string, address: string, limit: number): void {
    if (this.#clock.now() - this.#warnedAt < MINUTE_MS) return;
    this.#warnedAt = this.#clock.now();
    this.#logger.warn(`${what} from one address; if it is a proxy, name it in --trust-proxy`, { address, limit });
  }

  #countsOf(address: string): Counts {
    const known = this.#counts.get(address);
    const isOver = !known || this.#clock.now() - known.since >= MINUTE_MS;
    const counts = isOver ? { since: this.#clock.now(), failed: 0, keyless: 0 } : known;
    this.#counts.delete(address);
    this.#counts.set(address, counts);
    if (this.#counts.size > MAX_ADDRESSES) this.#counts.delete(this.#counts.keys().next().value ?? '');
    return counts;
  }

  /** From the end of the list, the first that is not one of our proxies: what stands before it, anybody can write. */
  #addressOf({ address, forwardedFor = '' }: Remote): string | undefined {
    let caller = unmap(address);
    const hops = forwardedFor.split(',').map((hop) => unmap(hop.trim()));
    while (caller !== undefined && this.#isProxy(caller)) {
      const hop = hops.pop();
      if (hop === undefined || !isIP(hop)) break;
      caller = hop;
    }
    return caller === undefined ? undefined : networkOf(caller);
  }

  #isProxy(address: string): boolean {
    return this.#proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An IPv4 address that a socket for both shows as IPv6. */
const unmap = (address: string | undefined) => address?.replace(/^::ffff:(?=\d+\.)/i, '');

/** One customer has a whole /64 of IPv6. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? left : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function readNetworks(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const length = prefix === undefined ? longest : Number(prefix);
    if (!isIP(address) || rest.length || !/^\d*$/.test(prefix ?? '') || prefix === '' || length > longest)
      throw new HeuristError(
        `"${text}" is not an address or network of a proxy: use one such as 10.0.0.7 or 10.0.0.0/8.`,
        {
          code: 'invalid_configuration',
        },
      );
    networks.addSubnet(address, length, family);
  }
  return networks;
}
