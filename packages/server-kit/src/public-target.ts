import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hidden, lookupPublic, namesHiddenAddress } from './public-address.ts';

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
