// Texts that reach a visitor name no address that only this server and its network can reach.
import { createServer } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hideAddresses, hideAddressesIn } from '../server/http/hide-addresses.ts';
import { type DemoServer, startServer } from '../server/start-server.ts';

const network = 'http://127.0.0.1:46575/net';

test.each([
  ['image http://127.0.0.1:46575/net/artifacts/ab?signature=c: it is damaged.', 'image the file: it is damaged.'],
  ['"http://127.0.0.1:46575/net/artifacts/ab" is gone.', '"the file" is gone.'],
  ['Cannot reach http://127.0.0.1:46575/net (ECONNREFUSED).', 'Cannot reach the network (ECONNREFUSED).'],
  ['connect ECONNREFUSED 127.0.0.1:46575', 'connect ECONNREFUSED the network'],
  ['ComfyUI at http://10.0.0.7:8188/prompt, try again', 'ComfyUI at a private address, try again'],
  ['ComfyUI at 10.0.0.7:8188.', 'ComfyUI at a private address.'],
  ['ComfyUI at 192.168.1.4', 'ComfyUI at a private address'],
  ['at localhost:8188, [::1]:80 and db.internal:5432', 'at a private address, a private address and a private address'],
  ['see https://example.com/help and 8.8.8.8:53.', 'see https://example.com/help and 8.8.8.8:53.'],
  ['version 1.2.3, ratio 16:9, at 12:30, steps: 4', 'version 1.2.3, ratio 16:9, at 12:30, steps: 4'],
  ['`width` must be a multiple of 8 (got 1001): use 1000.', '`width` must be a multiple of 8 (got 1001): use 1000.'],
])('%s', (text, shown) => {
  expect(hideAddresses(text, network)).toBe(shown);
});

test('a network with a public name is not named either', () => {
  const text = 'Cannot reach https://tasks.example.com/task_create; tasks.example.com:8787 is another.';
  expect(hideAddresses(text, 'https://tasks.example.com')).toBe(
    'Cannot reach the network; tasks.example.com:8787 is another.',
  );
});

test('texts anywhere in a value', () => {
  const value = { failures: [{ message: 'at 127.0.0.1:1', count: 1 }], isSilent: true };
  expect(hideAddressesIn(value, network)).toEqual({
    failures: [{ message: 'at a private address', count: 1 }],
    isSilent: true,
  });
});

describe('whatever a network says of itself', () => {
  const server = createServer((request, response) => {
    const own = `http://${request.headers.host}`;
    const message = `image ${own}/artifacts/ab?signature=c: not found at 10.0.0.7:8188`;
    const error = { code: 'input_unreachable', message, is_retryable: false };
    const replies: Record<string, object> = {
      '/task_result_query': { task_id: 'aaaaaaaa', status: 'failed', error, warning: `see ${own}` },
      '/network_status': { miners: [], workflows: [], recent_failures: [{ task_id: 'a', error }], dead_webhooks: [] },
      '/task_cancel': { code: 'invalid_request', message },
    };
    response.statusCode = request.url === '/task_cancel' ? 400 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(replies[request.url!] ?? {}));
  });
  let demo: DemoServer;
  beforeAll(async () => {
    demo = await startServer({ workflowURL: await listen(server, 0, '127.0.0.1'), apiKey: 'a#b', webDir: '.' });
  });
  afterAll(async () => {
    await demo.close();
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['GET', 'tasks/aaaaaaaa', 'see the network'],
    ['POST', 'tasks/aaaaaaaa/cancel', 'image the file: not found at a private address'],
    ['GET', 'events?task=aaaaaaaa', 'image the file: not found at a private address'],
    ['GET', 'network', 'image the file: not found at a private address'],
  ])('%s %s tells a visitor no address', async (method, path, shown) => {
    const text = await (await fetch(`${demo.url}/api/${path}`, { method })).text();
    expect(text).toContain(shown);
    expect(text).not.toMatch(/127\.0\.0\.1|10\.0\.0\.7/);
  });
});
