import { type LookupAddress, lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
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

/** Whether a URL names an address that is not public. A host name may still lead to one: see {@link lookupPublic}. */
export function namesHiddenAddress({ hostname }: URL): boolean {
  const literal = hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) !== 0 && !isPublicAddress(literal);
}

/**
 * A DNS lookup for connections that must stay on the public internet. It runs when the connection is made, so that a
 * name cannot change its mind between the check and the use.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '');
    if (!addresses[0] || addresses.some(({ address }) => !isPublicAddress(address)))
      return callback(hidden(hostname), '');
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0].address, addresses[0].family);
  });
};

/** What a request needs to reach a public address and no other. */
export interface PublicTarget {
  /** Checks the address when the connection is made. */
  lookup: LookupFunction;
  /** The checked address, where a proxy makes the connection: it would resolve the name by itself, and may see other networks. */
  host?: string;
  /** The name that the certificate must have. */
  servername?: string;
  headers?: { host: string };
}

/** How strict to be with addresses that strangers choose. */
export interface AddressPolicy {
  /**
   * Leave names that cannot be resolved here to the proxy of the environment, which may see private networks. Default `false`: they are
   * refused.
   */
  proxyResolves?: boolean | undefined;
}

/**
 * How to send a request to an address that a stranger chose: options for `request` of `node:http` and `node:https`. Behind a proxy of
 * the environment the request goes through the proxy, to the address that was resolved and checked here.
 *
 * @throws if the name cannot be resolved here, or is that of an address that is not public
 */
export async function publicTarget(url: URL, { proxyResolves = false }: AddressPolicy = {}): Promise<PublicTarget> {
  if (!usesProxy(url)) return { lookup: lookupPublic };
  const name = url.hostname.replace(/^\[|\]$/g, '');
  if (namesHiddenAddress(url)) throw hidden(name);
  if (isIP(name)) return { lookup: lookupPublic };
  const host = await resolvePublic(name).catch((error) => {
    if (!proxyResolves || !isUnresolved(error)) throw error;
    if (isLocalName(name)) throw hidden(name);
    return undefined;
  });
  // the lookup still holds where `NO_PROXY` makes the request go around the proxy
  if (host === undefined) return { lookup: lookupPublic };
  return { lookup: lookupPublic, host, servername: name, headers: { host: url.host } };
}

async function resolvePublic(name: string): Promise<string> {
  return await new Promise((resolve, reject) =>
    lookupPublic(name, {}, (error, address) => (error ? reject(error) : resolve(address as string))),
  );
}

const hidden = (name: string) => new Error(`${name} is not a public address`);

/** No answer, or none now: then nothing is known about the address. */
function isUnresolved({ code }: NodeJS.ErrnoException): boolean {
  return (
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA' || code === 'EAI_NODATA' || code === 'ETIMEOUT'
  );
}

/** Names that are the proxy's own, or of its network: https://www.iana.org/assignments/special-use-domain-names */
function isLocalName(name: string): boolean {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  return (
    labels.length < 2 ||
    /^(localhost|local|localdomain|internal|intranet|lan|home|corp|private)$/.test(labels.at(-1)!) ||
    name.endsWith('home.arpa')
  );
}

/** Node's own agents read the proxy from the environment if they are told to. */
function usesProxy({ protocol }: URL): boolean {
  // asked for anew: the agents can be replaced
  const { options } = (protocol === 'https:' ? https.globalAgent : http.globalAgent) as {
    options?: { proxyEnv?: unknown };
  };
  return !!options?.proxyEnv || !!process.env.NODE_USE_ENV_PROXY;
}
