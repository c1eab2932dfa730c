import { BlockList, isIP } from 'node:net';
import { ALL_PRIVATE_HOSTS, NO_PRIVATE_HOSTS, type PrivateHosts } from './public-address.ts';

/** What is wrong with an entry, in words that fit every surface. */
export class PrivateHostsError extends Error {}

/** A port, or any. */
type Ports = Set<string> | undefined;

interface Network {
  list: BlockList;
  port: string | undefined;
}

const LABEL = '[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?';
const NAME = new RegExp(`^(\\*?\\.)?${LABEL}(\\.${LABEL})*\\.?$`);

/**
 * Reads what an operator allows: addresses (`10.0.0.7`, `fd00::7`), networks (`10.0.0.0/8`), names (`storage.internal`), everything below a
 * name (`*.internal` or `.internal`), and `*` for everything. A port may follow (`storage.internal:9000`, `[fd00::7]:9000`); without
 * one, every port is meant.
 *
 * @throws {PrivateHostsError} for anything else
 */
export function parsePrivateHosts(texts: readonly string[]): PrivateHosts {
  const names = new Map<string, Ports>();
  const networks: Network[] = [];
  for (const text of texts.map((given) => given.trim().toLowerCase())) {
    if (text === '*') return ALL_PRIVATE_HOSTS;
    const network = readNetwork(text);
    if (network) networks.push(network);
    else addName(names, text);
  }
  if (!texts.length) return NO_PRIVATE_HOSTS;
  return {
    hasNetworks: networks.length > 0,
    allowsName: (name, port) =>
      endingsOf(name).some((ending) => names.has(ending) && (names.get(ending)?.has(port) ?? true)),
    allowsAddress: (address, port) =>
      networks.some((network) => (network.port ?? port) === port && isInside(network.list, address)),
  };
}

/** What one of them allows. */
export function anyOf(...all: readonly PrivateHosts[]): PrivateHosts {
  return {
    hasNetworks: all.some(({ hasNetworks }) => hasNetworks),
    allowsName: (name, port) => all.some((hosts) => hosts.allowsName(name, port)),
    allowsAddress: (address, port) => all.some((hosts) => hosts.allowsAddress(address, port)),
  };
}

/** An address or a network, with or without a port. */
function readNetwork(text: string): Network | undefined {
  const [, bracketed, bracketedPrefix, bracketedPort] = /^\[([^\]]*)\](?:\/(\d+))?(?::(\d+))?$/.exec(text) ?? [];
  const [, plain = '', plainPrefix, plainPort] = /^([^/]*?)(?:\/(\d+))?(?::(\d+))?$/.exec(text) ?? [];
  // an IPv6 address ends in what looks like a port
  const [, bare = '', barePrefix] = /^([^/[\]]*)(?:\/(\d+))?$/.exec(text) ?? [];
  const [address, prefix, port] =
    bracketed !== undefined
      ? [bracketed, bracketedPrefix, bracketedPort]
      : isIP(bare) === 6
        ? [bare, barePrefix, undefined]
        : [plain, plainPrefix, plainPort];
  const family = isIP(address);
  if (!family || address.includes('%')) return undefined;
  const longest = family === 6 ? 128 : 32;
  const length = Number(prefix ?? longest);
  if (length > longest || !isPort(port)) throw refuse(text);
  const list = new BlockList();
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  return { list, port };
}

function addName(names: Map<string, Ports>, text: string): void {
  const [, given = '', port] = /^([^:]*)(?::(\d+))?$/.exec(text) ?? [];
  // a name that ends in a number is an address that was mistyped
  if (!NAME.test(given) || /(^|\.)(\d+|0x[\da-f]*)\.?$/.test(given) || !isPort(port)) throw refuse(text);
  const name = given.replace(/\.$/, '').replace(/^\*\./, '.');
  const before = names.has(name) ? names.get(name) : new Set<string>();
  names.set(name, port === undefined || before === undefined ? undefined : before.add(port));
}

const isPort = (port: string | undefined) => port === undefined || (Number(port) > 0 && Number(port) < 65_536);

function refuse(text: string): PrivateHostsError {
  return new PrivateHostsError(
    `"${text}" is not an address, a network or the name of a host: use one such as 10.0.0.7, 10.0.0.0/8, storage.internal, *.internal or storage.internal:9000.`,
  );
}

/** A name, and what may be listed to allow it: `a.b.c`, `.b.c`, `.c`. */
function endingsOf(name: string): string[] {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  return [labels.join('.'), ...labels.slice(1).map((_, index) => `.${labels.slice(index + 1).join('.')}`)];
}

/** An IPv4 address in the form of IPv6 is inside networks of both. */
function isInside(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
