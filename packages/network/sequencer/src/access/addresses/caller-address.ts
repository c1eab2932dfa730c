import { BlockList, isIP } from 'node:net';
import { HeuristError } from '@heurist/core';

/** Whether an address is in one of these networks. */
export const isInside = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An IPv4 address that a socket for both shows as IPv6, in either spelling: `::ffff:192.0.2.1` is `::ffff:c000:201`. */
export function unmap(address: string | undefined): string | undefined {
  if (address === undefined || isIP(address) !== 6) return address;
  if (address.includes('%')) return unmap(address.split('%')[0]);
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

/** Networks that have a name. */
const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * @param texts - addresses, networks, `loopback`, `linklocal` and `private`
 * @throws {HeuristError} `invalid_configuration` for anything else
 */
export function readNetworks(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts.flatMap((name) => NAMED[name.toLowerCase()] ?? [name])) {
    const [given = '', prefix, ...rest] = text.split('/');
    const written = given.replace(/^\[(.*)\]$/, '$1');
    const address = unmap(written) ?? '';
    const isMapped = isIP(written) === 6 && isIP(address) === 4;
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const length = prefix === undefined ? longest : Number(prefix) - (isMapped ? 96 : 0);
    if (!isIP(address) || rest.length || !/^\d+$/.test(prefix ?? '0') || length > longest || length < 0)
      throw new HeuristError(
        `"${text}" is not an address or network of a proxy: use one such as 10.0.0.7, 10.0.0.0/8 or loopback.`,
        { code: 'invalid_configuration' },
      );
    networks.addSubnet(address, length, family);
  }
  return networks;
}
