// Which web pages may call a sequencer, and what.
import { PAGE_CALLS } from '@heurist/core/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOrigins } from '../src/http/cors.ts';
import { startNetwork } from './support/network.ts';

const PAGE = 'https://app.example.com';
const calls = [...PAGE_CALLS, 'network_status'];
const serverCalls = [
  'audit_list',
  'miner_request',
  'miner_submit',
  'key_create',
  'key_list',
  'key_revoke',
  'session_revoke',
  'webhook_secret',
];

let open: Awaited<ReturnType<typeof startNetwork>>;
let closed: typeof open;
beforeAll(async () => {
  open = await startNetwork({ corsOrigins: [PAGE, 'http://localhost:5173'] });
  closed = await startNetwork();
});
afterAll(async () => {
  await open.stop();
  await closed.stop();
});

const preflight = (url: string, origin = PAGE, method = 'POST') =>
  fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type,authorization',
    },
  });
const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');
const post = (url: string, origin: string, body: object = {}) =>
  fetch(url, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('preflights', () => {
  test.each(calls)('%s is allowed to pages of these origins alone', async (name) => {
    const reply = await preflight(`${open.url}/${name}`);
    expect([reply.status, allowed(reply)]).toEqual([204, PAGE]);
    expect(reply.headers.get('access-control-allow-methods')).toBe('POST');
    expect(reply.headers.get('access-control-allow-headers')).toContain('authorization, content-type, last-event-id');
    expect(reply.headers.get('vary')).toMatch(/origin/i);
    // never with cookies
    expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    expect(allowed(await preflight(`${open.url}/${name}`, 'http://localhost:5173'))).toBe('http://localhost:5173');
    for (const other of ['https://app.example.com.evil.com', 'http://app.example.com', 'https://example.com', 'null'])
      expect([other, allowed(await preflight(`${open.url}/${name}`, other))]).toEqual([other, null]);
    expect(allowed(await preflight(`${closed.url}/${name}`))).toBeNull();
  });

  test('signed addresses take uploads of these pages', async () => {
    const reply = await preflight(`${open.url}/artifacts/x?expires=1&signature=y`, PAGE, 'PUT');
    expect([reply.status, allowed(reply)]).toEqual([204, PAGE]);
    expect(reply.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(allowed(await preflight(`${closed.url}/artifacts/x`, PAGE, 'PUT'))).toBeNull();
  });

  test.each([...serverCalls, 'metrics', 'openapi.json', 'healthz', 'nothing'])('%s is never allowed', async (name) => {
    expect(allowed(await preflight(`${open.url}/${name}`))).toBeNull();
  });
});

test('errors are readable for the page as well, and say when to come again', async () => {
  const reply = await post(`${open.url}/task_create`, PAGE, { task_type: 'echo', task_details: {} });
  expect([reply.status, allowed(reply)]).toEqual([401, PAGE]);
  expect(reply.headers.get('access-control-expose-headers')).toContain('retry-after');
  expect(allowed(await post(`${open.url}/task_create`, 'https://evil.com'))).toBeNull();
});

test.each(serverCalls)('a browser that sends %s is refused, whatever its key', async (name) => {
  const key = await open.sequencer.createKey(name.startsWith('key') ? 'operator' : 'miner', 'boss');
  for (const { url } of [open, closed]) {
    const headers = { origin: PAGE, authorization: `Bearer ${key}` };
    const reply = await fetch(`${url}/${name}`, { method: 'POST', headers, body: '{}' });
    const { code } = (await reply.json()) as { code: string };
    expect([reply.status, code, allowed(reply)]).toEqual([403, 'forbidden', null]);
  }
});

test.each([
  ['*', 'https://app.example.com'],
  ['https://*.example.com', 'https://app.example.com'],
  ['https://app.example.com/', 'https://app.example.com,'],
  ['https://APP.example.com', 'https://app.example.com,'],
  ['https://app.example.com:443', 'https://app.example.com,'],
  ['app.example.com', 'https://app.example.com'],
  ['null', ''],
  ['file:///x', ''],
  ['', ''],
])('"%s" is not an origin', (text, fix) => {
  expect(() => checkOrigins([PAGE, text])).toThrow(
    expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(fix) }),
  );
});
