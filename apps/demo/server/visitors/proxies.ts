import { isIP } from 'node:net';
import { HeuristError } from '@heurist/core';
import { PrivateHostsError, parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import type { PrivateHosts } from '@heurist/server-kit/public-address';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** The proxies in front of this server: only what comes from their addresses is believed. */
export class Proxies {
  readonly #trusted: PrivateHosts;

  /**
   * @param addresses - addresses and networks, such as `10.0.0.7` and `10.0.0.0/8`
   * @throws {HeuristError} `invalid_configuration` for anything else
   */
  constructor(addresses: readonly string[]) {
    const wrong = addresses.find((text) => !isIP(text.split('/')[0]!));
    if (wrong !== undefined) throw notAddress(wrong);
    try {
      this.#trusted = parsePrivateHosts(addresses);
    } catch (error) {
      if (error instanceof PrivateHostsError) throw notAddress(addresses.join(','));
      throw error;
    }
  }

  /** Whether a request comes from one of them. */
  isFrom(c: Context): boolean {
    return this.#isTrusted(remoteOf(c));
  }

  /** Where a request comes from: of the hops that our proxies tell, the last that is not one of them. */
  callerOf(c: Context): string {
    const hops = (c.req.header('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
    let caller = remoteOf(c);
    while (this.#isTrusted(caller)) {
      const hop = hops.pop();
      if (!hop || !isIP(hop)) break;
      caller = hop;
    }
    return caller;
  }

  /** Whether the visitor's connection is encrypted. */
  isSecure(c: Context): boolean {
    if (new URL(c.req.url).protocol === 'https:') return true;
    return this.isFrom(c) && c.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim() === 'https';
  }

  #isTrusted(address: string): boolean {
    return this.#trusted.allowsAddress(address, '');
  }
}

const remoteOf = (c: Context): string => getConnInfo(c).remote.address ?? '';

const notAddress = (text: string) =>
  new HeuristError(
    `\`TRUST_PROXY\` must list addresses or networks (got "${text}"): use some such as 127.0.0.1, ::1 or 10.0.0.0/8.`,
    { code: 'invalid_configuration' },
  );
