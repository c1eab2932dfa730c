import { BlockList, isIP } from 'node:net';
import { HeuristError } from '@heurist/core';

/** What a caller's connection and headers say about where it is. */
export interface Remote {
  address: string | undefined;
  forwardedFor: string | undefined;
}

/**
 * The address that is counted: of the entries in `X-Forwarded-For`, the last that is not one of our proxies, since anybody can
 * write what stands before it. IPv6 counts by /64.
 */
export function callerOf({ address, forwardedFor = '' }: Remote, proxies: BlockList): string | undefined {
  let caller = unmap(address);
  const hops = forwardedFor.split(',').map((hop) => unmap(hop.trim()));
  while (caller !== undefined && isInside(proxies, caller)) {
    const hop = hops.pop();
    if (hop === undefined || !isIP(hop)) break;
    caller = hop;
  }
  return caller === undefined ? undefined : networkOf(caller);
}

/** Whether an address is in one of these networks. */
export const isInside = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An IPv4 address that a socket for both shows as IPv6, in either spelling: `::ffff:192.0.2.1` is `::ffff:c000:201`. */
export function unmap(address: string | undefined): string | undefined {
  if (address === undefined || isIP(address) !== 6) return address;
  const groups = groupsOf(address);
  if (groups.slice(0, 5).some(Boolean) || groups[5] !== 0xff_ff) return address;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
}

/** One customer has a whole /64 of IPv6. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const network = groupsOf(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const plain = address.split('%')[0]!.replace(/\d+\.\d+\.\d+\.\d+$/, (ipv4) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [left = [], right] = plain.split('::').map((half) => (half ? half.split(':') : []));
  const zeros = right ? Array(8 - left.length - right.length).fill('0') : [];
  return [...left, ...zeros, ...(right ?? [])].map((group) => Number.parseInt(group, 16));
}

/** @throws {HeuristError} `invalid_configuration` for what is neither an address nor a network */
export function readNetworks(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const length = prefix === undefined ? longest : Number(prefix);
    if (!isIP(address) || rest.length || !/^\d*$/.test(prefix ?? '') || prefix === '' || length > longest)
      throw new HeuristError(
        `"${text}" is not an address or network of a proxy: use one such as 10.0.0.7 or 10.0.0.0/8.`,
        { code: 'invalid_configuration' },
      );
    networks.addSubnet(address, length, family);
  }
  return networks;
}
