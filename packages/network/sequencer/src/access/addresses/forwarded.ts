import { type BlockList, isIP } from 'node:net';
import { isInside, unmap } from './caller-address.ts';

/** What a caller's connection and headers say about where it is, and how it speaks to us. */
export interface Remote {
  address: string | undefined;
  /** `X-Forwarded-For`. */
  forwardedFor?: string | undefined;
  /** `Forwarded`, of RFC 7239. */
  forwarded?: string | undefined;
  /** `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-Prefix`. */
  proto?: string | undefined;
  host?: string | undefined;
  prefix?: string | undefined;
}

/** What our proxies say of the address that the caller used. */
export interface AskedAddress {
  proto?: 'http' | 'https';
  host?: string;
  /** Path that a proxy took away, without a slash at its end. */
  prefix?: string;
}

interface Walk {
  caller: string;
  /** How many of our proxies the call came through. */
  proxies: number;
}

/**
 * Where a call comes from: of the hops in the headers, the last that is not one of our proxies, since anybody can write what stands
 * before it. If both headers are there and name different callers, one of them was passed on unchecked: the proxy's own address counts.
 */
export function originatorOf({ address, forwardedFor, forwarded }: Remote, proxies: BlockList): Walk | undefined {
  const start = unmap(address);
  if (start === undefined) return undefined;
  const walks = [
    ...(forwardedFor === undefined ? [] : [forwardedFor.split(',').map(hopOf)]),
    ...(forwarded === undefined ? [] : [parse(forwarded).map((hop) => hopOf(hop.for ?? ''))]),
  ].map((hops) => walk(start, hops, proxies));
  const [first = walk(start, [], proxies), second = first] = walks;
  return first.caller === second.caller ? first : walk(start, [], proxies);
}

function walk(start: string, hops: string[], known: BlockList): Walk {
  let [caller, proxies] = [start, 0];
  while (isInside(known, caller)) {
    proxies++;
    const hop = hops.pop();
    if (hop === undefined || !isIP(hop)) break;
    caller = hop;
  }
  return { caller, proxies };
}

/** The address that the caller used, as far as our proxies say it: what each has added stands at the end of the lists. */
export function askedAddress(remote: Remote, known: BlockList): AskedAddress {
  const { proxies = 0 } = originatorOf(remote, known) ?? {};
  if (!proxies) return {};
  const pick = <T>(list: readonly T[]): T | undefined => list.at(-Math.min(proxies, list.length));
  const entry = (header: string | undefined) => header && pick(header.split(','))?.trim();
  const element = pick(parse(remote.forwarded ?? '')) ?? {};
  const proto = (entry(remote.proto) ?? element.proto)?.toLowerCase();
  const host = entry(remote.host) ?? element.host;
  const prefix = entry(remote.prefix)?.replace(/\/+$/, '');
  return {
    ...((proto === 'http' || proto === 'https') && { proto }),
    ...(host && isHost(host) && { host }),
    ...(prefix && /^(\/[\w.~%-]+)+$/.test(prefix) && { prefix }),
  };
}

function isHost(host: string): boolean {
  const url = URL.parse(`http://${host}`);
  return !!url && !url.username && !url.password && /^[^/?#\\@\s]+$/.test(host);
}

/** The address of a hop, which may come with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hopOf(text: string): string {
  const plain = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/^\[([^\]]*)\](:\w+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\w+$/, '$1');
  return unmap(plain) ?? plain;
}

/** The elements of `Forwarded`: `for=192.0.2.1;proto=https;host="example.com", for="[2001:db8::1]"`. */
function parse(header: string): { for?: string; proto?: string; host?: string }[] {
  return split(header, ',')
    .filter((element) => element.trim())
    .map((element) => {
      const pairs = split(element, ';').map((pair) => {
        const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
        return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1')];
      });
      return Object.fromEntries(pairs);
    });
}

/** Splits a text where a separator stands outside of quotes. */
function split(text: string, separator: ',' | ';'): string[] {
  const parts = text.match(separator === ',' ? /(?:"(?:\\.|[^"\\])*"|[^,"])+/g : /(?:"(?:\\.|[^"\\])*"|[^;"])+/g);
  return parts ?? [];
}
