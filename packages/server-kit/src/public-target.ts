import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import {
  createLookup,
  HiddenAddressError,
  isHidden,
  isLocalName,
  NO_PRIVATE_HOSTS,
  nameOf,
  type PrivateHosts,
  portOf,
} from './public-address.ts';

/** What a request needs to reach an address that is allowed, and no other. */
export interface PublicTarget {
  /** Checks the address when the connection is made. Missing if every address is allowed. */
  lookup?: LookupFunction;
  /** The checked address, where a proxy makes the connection: it would resolve the name by itself, and may see other networks. */
  host?: string;
  /** The name that the certificate must have. */
  servername?: string;
  headers?: { host: string };
}

/** How strict to be with addresses that strangers choose. */
export interface AddressPolicy {
  /** What may be reached besides the public internet. Default: nothing. */
  privateHosts?: PrivateHosts | undefined;
  /**
   * Leave names that cannot be resolved here to the proxy of the environment, which may see private networks. Default `false`: they are
   * refused.
   */
  proxyResolves?: boolean | undefined;
}

/**
 * How to send a request to an address that a stranger chose: options for `request` of `node:http` and `node:https`. Behind a proxy of
 * the environment the request goes through the proxy, to the address that was resolved and checked here. What the operator allows by
 * its name goes there as any request of ours.
 *
 * @throws {HiddenAddressError} for an address that is neither public nor allowed
 * @throws if a proxy is used and the name cannot be resolved here
 */
export async function publicTarget(url: URL, policy: AddressPolicy = {}): Promise<PublicTarget> {
  const { privateHosts = NO_PRIVATE_HOSTS, proxyResolves = false } = policy;
  const [name, port] = [nameOf(url.hostname), portOf(url)];
  if (privateHosts.allowsName(name, port)) return {};
  if (isHidden(url, privateHosts)) throw new HiddenAddressError(name);
  const lookup = createLookup(privateHosts, port);
  if (!usesProxy(url) || isIP(name)) return { lookup };
  const host = await resolveAllowed(name, lookup).catch((error) => {
    if (!proxyResolves || !isUnresolved(error)) throw error;
    if (isLocalName(name)) throw new HiddenAddressError(name);
    return undefined;
  });
  // the lookup still holds where `NO_PROXY` makes the request go around the proxy
  if (host === undefined) return { lookup };
  return { lookup, host, servername: name, headers: { host: url.host } };
}

async function resolveAllowed(name: string, lookup: LookupFunction): Promise<string> {
  return await new Promise((resolve, reject) =>
    lookup(name, {}, (error, address) => (error ? reject(error) : resolve(address as string))),
  );
}

/** No answer, or none now: then nothing is known about the address. */
function isUnresolved({ code }: NodeJS.ErrnoException): boolean {
  return (
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA' || code === 'EAI_NODATA' || code === 'ETIMEOUT'
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
