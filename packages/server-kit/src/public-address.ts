import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Ranges that are not the public internet: this machine, private and shared networks, link-local (cloud metadata),
 * documentation, benchmarks, multicast and reserved. Source: the IANA special-purpose address registries.
 */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.addSubnet(network, prefix, 'ipv4');

/** Only global unicast counts as public; inside it, forms that embed or tunnel IPv4 are not. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address belongs to the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Hosts outside the public internet that an operator allows all the same: see `parsePrivateHosts`. */
export interface PrivateHosts {
  /** Whether addresses are among them, so that a name may lead to one. */
  readonly hasNetworks: boolean;
  /** Whether a host is allowed by its name, wherever that leads. */
  allowsName(name: string, port: string): boolean;
  /** Whether an IP address is allowed. */
  allowsAddress(address: string, port: string): boolean;
}

/** Allows nothing. */
export const NO_PRIVATE_HOSTS: PrivateHosts = {
  hasNetworks: false,
  allowsName: () => false,
  allowsAddress: () => false,
};

/** Allows everything. */
export const ALL_PRIVATE_HOSTS: PrivateHosts = {
  hasNetworks: true,
  allowsName: () => true,
  allowsAddress: () => true,
};

/** An address that is not public, and not allowed. The message says no more than whoever chose the address knows. */
export class HiddenAddressError extends Error {
  /** For the log of the operator: the address that a name led to. */
  readonly address: string | undefined;

  constructor(name: string, address?: string) {
    super(`${name} is not a public address`);
    this.address = address;
  }
}

/** Whether a URL names an address that is not public. A host name may still lead to one: see {@link lookupPublic}. */
export function namesHiddenAddress({ hostname }: URL): boolean {
  const literal = nameOf(hostname);
  return isIP(literal) !== 0 && !isPublicAddress(literal);
}

/** The host of a URL, without the brackets of IPv6. */
export const nameOf = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

export const portOf = ({ protocol, port }: URL): string => port || (protocol === 'https:' ? '443' : '80');

/**
 * Whether a URL can never be reached: it names an address that is neither public nor allowed, or a host that only a private network has,
 * such as `localhost` and `db.internal`. Any other name is looked up when the connection is made.
 */
export function isHidden(url: URL, hosts: PrivateHosts = NO_PRIVATE_HOSTS): boolean {
  const [name, port] = [nameOf(url.hostname), portOf(url)];
  if (hosts.allowsName(name, port)) return false;
  if (isIP(name)) return !isPublicAddress(name) && !hosts.allowsAddress(name, port);
  if (isLoopbackName(name)) return !LOOPBACK.some((address) => hosts.allowsAddress(address, port));
  // where the name leads is not known here: the operator may have allowed its network
  return isLocalName(name) && !hosts.hasNetworks;
}

const LOOPBACK = ['127.0.0.1', '::1'];

/** https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const isLoopbackName = (name: string) => /(^|\.)localhost\.?$/i.test(name);

/** Names that only a machine or a private network has: https://www.iana.org/assignments/special-use-domain-names */
export function isLocalName(name: string): boolean {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  return (
    labels.length < 2 ||
    /^(localhost|local|localdomain|internal|intranet|lan|home|corp|private)$/.test(labels.at(-1)!) ||
    labels.slice(-2).join('.') === 'home.arpa'
  );
}

/**
 * A DNS lookup for connections that must stay on the public internet. It runs when the connection is made, so that a
 * name cannot change its mind between the check and the use.
 */
export const lookupPublic: LookupFunction = createLookup(NO_PRIVATE_HOSTS, '');

/**
 * {@link lookupPublic}, for connections to a port that may also reach what an operator allows: such a name may have other private
 * addresses too, as `localhost` has `::1` beside `127.0.0.1`, which are left out.
 */
export function createLookup(hosts: PrivateHosts, port: string, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    const isListed = (address: string) => hosts.allowsAddress(address, port);
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '');
      const listed = found.filter(({ address }) => isListed(address));
      const addresses = listed.length
        ? found.filter((each) => isPublicAddress(each.address) || listed.includes(each))
        : found;
      const refused = addresses.find(({ address }) => !isPublicAddress(address) && !isListed(address));
      if (!addresses[0] || refused) return callback(new HiddenAddressError(hostname, refused?.address), '');
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0].address, addresses[0].family);
    });
  };
}
