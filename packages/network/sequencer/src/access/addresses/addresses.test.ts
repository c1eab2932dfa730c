import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { listen } from '@heurist/server-kit/listen';
import { afterEach, describe, expect, test } from 'vitest';
import { createLimits } from '../limits/limits.ts';
import { Addresses } from './addresses.ts';

const limits = createLimits({ failedCalls: 3, keylessCalls: 5, connections: 4 });

function start(trustedProxies: string[] = []) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const addresses = new Addresses({ limits, clock, logger, trustedProxies });
  /** How many calls are let in before one is refused, 20 at most. */
  const tries = (address: string | undefined, forwardedFor?: string, call: 'failed' | 'keyless' = 'failed') => {
    for (let count = 0; count < 20; count++) {
      try {
        addresses.check({ address, forwardedFor }, call);
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited', isRetryable: true });
        return count;
      }
      addresses.record({ address, forwardedFor }, call);
    }
    return Infinity;
  };
  return { addresses, clock, tries, warnings };
}

test('an address may try so many invalid keys a minute, and fetch so many files', async () => {
  const { tries, clock, warnings } = start();
  expect([tries('192.0.2.1'), tries('192.0.2.1'), tries('192.0.2.2')]).toEqual([3, 0, 3]);
  expect(tries('192.0.2.1', undefined, 'keyless')).toBe(5);
  expect(warnings).toEqual(['too many calls from one address; if it is a proxy, name it in --trust-proxy']);
  await clock.advance(59_999);
  expect(tries('192.0.2.1')).toBe(0);
  await clock.advance(1);
  expect(tries('192.0.2.1')).toBe(3);
});

test('IPv4 in the form of IPv6 is the same address; a /64 of IPv6 is one', () => {
  const { tries } = start();
  expect([tries('::ffff:192.0.2.1'), tries('192.0.2.1')]).toEqual([3, 0]);
  expect([tries('2001:db8:1:2::1'), tries('2001:db8:1:2:ffff::9'), tries('2001:DB8:1:02::7')]).toEqual([3, 0, 0]);
  expect([tries('2001:db8:1:3::1'), tries('2001:db8::1'), tries('2001:db8:0:0:5::')]).toEqual([3, 3, 0]);
  // every spelling of an address is the same one
  expect([tries('::ffff:c000:0201'), tries('0:0:0:0:0:FFFF:192.0.2.1'), tries('::ffff:c000:202')]).toEqual([0, 0, 3]);
  expect([tries('2001:db8:9::192.0.2.1'), tries('2001:db8:9:0:0:0:c000:201'), tries('fe80::1%eth0')]).toEqual([
    3, 0, 3,
  ]);
  expect([tries('fe80::2'), tries('::1'), tries('::')]).toEqual([0, 3, 0]);
});

test('an app without a connection to look at is not limited', () => {
  expect(start().tries(undefined)).toBe(Infinity);
});

describe('X-Forwarded-For', () => {
  test('is not believed unless the operator says so', () => {
    const { tries } = start();
    expect([tries('10.0.0.7', '192.0.2.1'), tries('10.0.0.7', '192.0.2.2')]).toEqual([3, 0]);
  });

  test('of a proxy that is trusted, the last address counts that is none of ours', () => {
    const { tries } = start(['10.0.0.0/8', '2001:db8:ff::/48']);
    expect([tries('10.0.0.7', '192.0.2.1'), tries('10.0.0.8', '192.0.2.1')]).toEqual([3, 0]);
    // what stands before it was sent by the caller
    expect(tries('10.0.0.7', '198.51.100.1, 192.0.2.1')).toBe(0);
    expect(tries('::ffff:10.0.0.7', 'x, 192.0.2.1 , 2001:db8:ff::1, 10.9.9.9')).toBe(0);
    expect(tries('10.0.0.7', '192.0.2.3')).toBe(3);
    // others cannot say where they are
    expect([tries('192.0.2.9', '192.0.2.10'), tries('192.0.2.9', '192.0.2.11')]).toEqual([3, 0]);
  });

  test('a proxy that says nothing, or nonsense, is the address itself', () => {
    const { tries } = start(['10.0.0.7']);
    expect([tries('10.0.0.7'), tries('10.0.0.7', ''), tries('10.0.0.7', 'unknown')]).toEqual([3, 0, 0]);
  });

  test.each(['localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '10.0.0', ''])(
    '"%s" is no proxy',
    (text) => {
      expect(() => start([text])).toThrow(
        expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(`"${text}"`) }),
      );
    },
  );
});

describe('connections', () => {
  const sockets: Socket[] = [];
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function open(trustedProxies: string[] = []) {
    const { addresses, warnings } = start(trustedProxies);
    const server = createServer((_, response) => response.end('hello'));
    servers.push(server);
    addresses.limitConnections(server);
    const port = Number(new URL(await listen(server, 0, '127.0.0.1')).port);
    /** Whether a connection is kept. */
    const isKept = async () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      return await new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true));
        socket.once('close', () => resolve(false));
      });
    };
    return { isKept, warnings };
  }

  test('an address has so many at most; what it closes, it can open again', async () => {
    const { isKept, warnings } = await open();
    const kept = [];
    for (let count = 0; count < 6; count++) kept.push(await isKept());
    expect(kept).toEqual([true, true, true, true, false, false]);
    expect(warnings).toHaveLength(1);
    sockets[0]!.destroy();
    await expect.poll(isKept).toBe(true);
  });

  test('a proxy that is trusted has as many as it likes', async () => {
    const { isKept } = await open(['127.0.0.1']);
    for (let count = 0; count < 10; count++) expect(await isKept()).toBe(true);
  });
});
