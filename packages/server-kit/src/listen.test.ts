import { createServer } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { listen, PortError } from './listen.ts';

const first = createServer();
afterAll(() => first.close());

test('the address is that of the port that was found; one that is taken is refused with what to do', async () => {
  const url = await listen(first, 0, '127.0.0.1');
  const { port } = new URL(url);
  expect(Number(port)).toBeGreaterThan(0);
  const second = listen(createServer(), Number(port), '127.0.0.1');
  await expect(second).rejects.toThrow(PortError);
  await expect(second).rejects.toThrow(`Port ${port} is already in use. Choose another one, or 0 for any free port.`);
});

test('an address of another machine is refused with what to do', async () => {
  await expect(listen(createServer(), 0, '192.0.2.1')).rejects.toThrow('does not have the address 192.0.2.1');
});

test.each(['::1', '[::1]'])('%s is an address of IPv6, and has brackets in the URL', async (host) => {
  const server = createServer((_, response) => response.end('here'));
  const url = await listen(server, 0, host);
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(url)).text()).toBe('here');
  server.close();
  server.closeAllConnections();
});
