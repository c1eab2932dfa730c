import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { type Answer, type Script, startStub } from '../../test/stub-sequencer.ts';
import { HeuristError } from './errors.ts';
import type { Authority } from './http-error.ts';
import { type CallOptions, createTransport } from './transport.ts';

const schema = z.looseObject({ ok: z.boolean(), more: z.optional(z.looseObject({ n: z.number() })) });
const fine: Answer = { json: { ok: true } };
/** Waits as short as they can be. */
const quick = { backoffLimit: 10, maxRetryAfter: 20 };
const first =
  (...faults: Answer[]) =>
  (_: unknown, count: number) =>
    faults[count - 1] ?? fine;

async function withStub<T>(script: Script, use: (stub: Awaited<ReturnType<typeof startStub>>) => Promise<T>) {
  await using stub = await startStub(script);
  return await use(stub);
}

/** Makes one call, and tells how often it was sent. */
const call = (answer: Script[string], options: CallOptions = {}, authority: Authority = 'json') =>
  withStub({ go: answer }, async (stub) => {
    const transport = createTransport(stub.url, false, { 'x-mine': 'yes' }, { retryLimits: quick, authority });
    const result = await transport
      .call('go', { a: 1 }, schema, options)
      .catch((error: unknown) => error as HeuristError);
    return { result, sent: stub.calls.length, calls: stub.calls, url: stub.url };
  });

describe('an upload goes where the sequencer says', () => {
  const put = async (workflowURL: string, url: string) =>
    await createTransport(workflowURL, true, {}, { retryLimits: quick })
      .put(url, new Blob(['x']), { retries: 0 })
      .catch((error: HeuristError) => error);

  test.each([
    ['https://tasks.example.com/heurist', 'http://tasks.example.com/artifacts/x'],
    ['https://localhost:8443', 'http://localhost:8787/artifacts/x'],
  ])('%s does not name %s: TLS ends at a proxy that it does not know', async (workflowURL, url) => {
    expect(await put(workflowURL, url)).toMatchObject({
      code: 'invalid_reply',
      message: expect.stringMatching(/not encrypted: nothing was sent\. .* --public-url https:.* or --trust-proxy/),
    });
  });

  test('a storage that cannot be reached is named, and not the sequencer', async () => {
    expect(await put('http://127.0.0.1:9/heurist', 'http://127.0.0.2:9/artifacts/x')).toMatchObject({
      code: 'connection_failed',
      message: expect.stringMatching(
        /^The storage at http:\/\/127\.0\.0\.2:9, which .*--public-url.* cannot be reached/,
      ),
    });
    expect(await put('http://127.0.0.1:9/heurist', 'http://127.0.0.1:9/artifacts/x')).toMatchObject({
      message: expect.stringMatching(/^The sequencer at http:\/\/127\.0\.0\.1:9\/heurist\/ cannot be reached/),
    });
  });
});

describe.concurrent('a call', () => {
  test('is JSON by POST, with the headers of the transport', async () => {
    const { result, calls } = await call(() => fine);
    expect(result).toEqual({ ok: true });
    expect(calls).toMatchObject([{ name: 'go', method: 'POST', body: { a: 1 }, headers: { 'x-mine': 'yes' } }]);
  });

  test.each<[string, Answer]>([
    ['408', { status: 408, json: {} }],
    ['429', { status: 429, json: {} }],
    ['500', { status: 500, json: {} }],
    ['502', { status: 502, text: 'bad gateway' }],
    ['503', { status: 503, json: {} }],
    ['504', { status: 504, json: {} }],
    ['a reset', 'reset'],
    ['a page instead of JSON', { text: '<html>' }],
    ['no body', { text: '' }],
    ['a body cut off', { text: '{"ok": tr', headers: { 'content-type': 'application/json' } }],
  ])('%s is retried', async (_, fault) => {
    const { result, sent } = await call(first(fault));
    expect([result, sent]).toEqual([{ ok: true }, 2]);
  });

  test.each([
    [undefined, 'fine'],
    ['1', 'fine'],
    ['3', 'fine'],
    ['4', 'Update this version of the Heurist SDK.'],
  ])('to a sequencer of version %s of the protocol: %s', async (version, outcome) => {
    const { result, sent, calls } = await call(() => ({
      ...fine,
      ...(version && { headers: { 'heurist-protocol': version } }),
    }));
    expect(calls[0]?.headers['heurist-protocol']).toBe('2');
    expect(sent).toBe(1);
    if (outcome === 'fine') expect(result).toEqual({ ok: true });
    else
      expect(result).toMatchObject({
        code: 'protocol_mismatch',
        isRetryable: false,
        message: expect.stringContaining(outcome),
      });
  });

  test('that is not answered in time is retried', async () => {
    const { result, sent } = await call(first('hang'), { timeout: 300 });
    expect([result, sent]).toEqual([{ ok: true }, 2]);
  });

  test.each([400, 401, 403, 404, 409, 413])('%i in JSON is not retried, and final', async (status) => {
    const { result, sent } = await call(() => ({ status, json: { message: 'no' } }));
    expect(sent).toBe(1);
    expect(result).toMatchObject({ status, isRetryable: false });
  });

  test('where only coded responses are final, another JSON says nothing about the call', async () => {
    const coded = await call(() => ({ status: 403, json: { code: 'forbidden', message: 'no' } }), {}, 'coded');
    expect(coded.result).toMatchObject({ code: 'forbidden', isRetryable: false });
    const other = await call(() => ({ status: 403, json: { message: 'no' } }), {}, 'coded');
    expect(other.result).toMatchObject({ code: 'forbidden', isRetryable: true });
  });

  test.each<[text: string, json: object]>([
    ['bad key', { error: 'bad key' }],
    ['Task not found', { message: 'Task not found' }],
    ['Invalid consumer_id or api_key', { message: 'Invalid consumer_id or api_key' }],
    ['Missing workflow_id', { error: 'Missing workflow_id', message: 'Missing workflow_id' }],
    ['No miner for this workflow', { msg: '', error: 'No miner for this workflow' }],
    ['soon', { code: 'a_later_code', message: 'soon' }],
    ['Forbidden', { code: 'forbidden', message: 'Forbidden' }],
  ])('"%s" is a refusal of a sequencer: it is final', async (text, json) => {
    const { result, sent } = await call(() => ({ status: 403, json }));
    expect([result, sent]).toMatchObject([{ message: text, isRetryable: false }, 1]);
  });

  const kong = { 'x-kong-response-latency': '1' };
  const gateways: [string, object, Record<string, string>?][] = [
    ['AWS API Gateway', { message: 'Forbidden' }],
    ['AWS API Gateway', { message: 'Missing Authentication Token' }],
    ['AWS API Gateway', { message: 'Unauthorized' }],
    ['AWS API Gateway', { message: 'Not Found' }],
    ['AWS API Gateway', { message: 'The incoming token has expired' }],
    ['AWS API Gateway', { Message: 'x', message: 'User is not authorized to access this resource' }],
    ['AWS', { message: 'anything' }, { 'x-amzn-errortype': 'ForbiddenException' }],
    ['AWS', { __type: 'x', message: 'anything' }],
    ['Kong', { message: 'no Route matched with those values' }],
    ['Kong', { message: 'anything', request_id: 'b1' }],
    ['Kong', { message: 'anything' }, kong],
    ['Kong', { message: 'Invalid authentication credentials' }],
    ['Kong', { message: 'Your IP address is not allowed' }],
    ['Azure', { statusCode: 401, message: 'Access denied due to missing subscription key.' }],
    ['Tyk', { error: 'Access denied' }],
    ['Tyk', { error: 'Authorization field missing: no bearer token' }],
    ['Spring', { timestamp: '2026-01-01', status: 404, error: 'Not Found', path: '/x' }],
    ['Express', { error: 'Not found' }],
    ['Envoy', { error: 'upstream connect error' }],
    ['Cloudflare', { error: 'anything' }, { 'cf-mitigated': 'challenge' }],
    ['Alibaba', { code: 'AccessDenied', message: 'anything' }],
    ['another', { code: 'FORBIDDEN', message: 'anything' }],
  ];
  test.each(gateways)('%s says %j: that is taken as 502', async (_, json, headers = {}) => {
    const answer = {
      status: 403,
      text: JSON.stringify(json),
      headers: { 'content-type': 'application/json', ...headers },
    };
    const again = await call(first(answer));
    expect([again.result, again.sent]).toEqual([{ ok: true }, 2]);
    const { result } = await call(() => answer, { retries: 0 });
    expect(result).toMatchObject({
      status: 403,
      isRetryable: true,
      message: expect.stringMatching(/^A gateway answered/),
    });
  });

  const statuses = [400, 401, 403, 404, 405, 409, 413, 414, 421, 431, 451, 502, 503, 504];
  const json = { 'content-type': 'application/json' };
  const foreign: [string, Answer][] = [
    ['a page', { text: '<html>No</html>' }],
    ['text', { text: 'Forbidden', headers: { 'content-type': 'text/plain' } }],
    ['nothing', { text: '' }],
    ['an error of a cloud', { json: { error: { code: 403, message: 'Forbidden' } } }],
    [
      'a problem document',
      { json: { title: 'No', status: 403 }, headers: { 'content-type': 'application/problem+json' } },
    ],
    ['an empty object', { json: {} }],
    ['a list', { json: ['no'] }],
    ['null', { json: null }],
    ['JSON that was cut off', { text: '{"code":"forbidden","mess', headers: json }],
  ];
  const answers = statuses.flatMap((status) => foreign.map(([name, answer]) => [status, name, answer] as const));
  test.each(answers)('%i with %s says nothing about the call: it is retried', async (status, _, answer) => {
    const again = await call(first({ ...(answer as object), status }));
    expect([again.result, again.sent]).toEqual([{ ok: true }, 2]);
    const { result } = await call(() => ({ ...(answer as object), status }), { retries: 0 });
    expect(result).toMatchObject({ status, isRetryable: true });
  });

  test.each<[string, Answer]>([
    ['another JSON', { json: { status: 'maintenance' } }],
    ['a list', { json: [] }],
    ['null', { json: null }],
    ['204', { status: 204, text: '' }],
    ['a redirect to a page for the login', { status: 302, text: '', headers: { location: '/login' } }],
    ['a redirect to JSON for the login', { status: 303, text: '', headers: { location: '/login.json' } }],
  ])('a good status with %s is retried', async (_, answer) => {
    const script: Script = {
      go: first(answer),
      login: () => ({ text: '<html>Log in</html>' }),
      'login.json': () => ({ json: { login: 'required' } }),
    };
    const result = await withStub(script, async ({ url, named }) => {
      const transport = createTransport(url, false, {}, { retryLimits: quick });
      return [await transport.call('go', {}, schema), named('go').length];
    });
    expect(result).toEqual([{ ok: true }, 2]);
  });

  test('a reply that names a task is of a sequencer: another form of it is final', async () => {
    const { result, sent } = await call(() => ({ json: { task_id: 't1', ok: 'x' } }));
    expect([result, sent]).toMatchObject([{ code: 'invalid_reply', isRetryable: false }, 1]);
  });

  test('of those with a code, only the codes of the protocol end a miner', async () => {
    const { result } = await call(() => ({ status: 403, json: { code: 'AccessDenied', message: 'no' } }), {}, 'coded');
    expect(result).toMatchObject({ status: 403, isRetryable: true });
  });

  test('503 of a proxy is retried after the time that it asks for', async () => {
    const page: Answer = { status: 503, text: '<html>', headers: { 'retry-after': '1' } };
    const { calls } = await withStub({ go: first(page) }, async (stub) => {
      await createTransport(stub.url, false).call('go', {}, schema);
      return stub;
    });
    expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(950);
  });

  test.each([
    [undefined, 5],
    [0, 1],
    [2, 3],
  ])('with %s retries is sent %i times', async (retries, times) => {
    const { result, sent } = await call(() => ({ status: 503, json: {} }), retries === undefined ? {} : { retries });
    expect(sent).toBe(times);
    expect(result).toMatchObject({ code: 'unavailable', isRetryable: true });
  });

  test.each<[string, Answer]>([
    ['425', { status: 425, json: { message: 'too early' } }],
    ['520 with a page', { status: 520, text: '<html>' }],
    ['524 in JSON', { status: 524, json: { message: 'late' } }],
    ['a reset', 'reset'],
    ['a page', { text: '<html>' }],
  ])('%s is retried until it works, if told to', async (_, fault) => {
    const seen: (string | undefined)[] = [];
    const watch = (failure?: HeuristError) => void seen.push(failure?.code);
    const { result, sent } = await call(first(...Array(9).fill(fault)), { retries: Infinity, watch });
    expect([result, sent]).toEqual([{ ok: true }, 10]);
    // an attempt begins, and fails
    expect(seen.map((code) => code !== undefined)).toEqual([...Array(9).fill([false, true]).flat(), false]);
  });

  test.each([
    ['Bun', Object.assign(new Error('Unable to connect.'), { code: 'ConnectionRefused' })],
    ['Bun, as a TypeError', Object.assign(new TypeError('Unable to connect.'), { code: 'ConnectionClosed' })],
    ['a Worker', new Error('Network connection lost.')],
    ['node-fetch', Object.assign(new Error('request failed'), { name: 'FetchError', code: 'ECONNRESET' })],
    ['Node', new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })],
  ])('a connection lost in the words of %s is tried again', async (_, error) => {
    const answers = [error, error];
    await withStub({ go: () => fine }, async ({ url }) => {
      const own = async (...request: Parameters<typeof fetch>) => {
        const failure = answers.pop();
        if (failure) throw failure;
        return await fetch(...request);
      };
      const transport = createTransport(url, false, {}, { retryLimits: quick, fetch: own as never });
      expect(await transport.call('go', {}, schema)).toEqual({ ok: true });
    });
  });

  test('a request that cannot be made is not tried again', async () => {
    let count = 0;
    const own = async () => {
      count++;
      throw new TypeError('Invalid header value');
    };
    const transport = createTransport('http://127.0.0.1:1', false, {}, { retryLimits: quick, fetch: own });
    await expect(transport.call('go', {}, schema)).rejects.toMatchObject({ code: 'connection_failed' });
    expect(count).toBe(1);
  });

  test.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT'])('Retry-After: %s is no endless loop', async (after) => {
    const fault: Answer = { status: 503, json: {}, headers: { 'retry-after': after } };
    const { calls } = await withStub({ go: first(fault, fault) }, async (stub) => {
      await createTransport(stub.url, false).call('go', {}, schema);
      return stub;
    });
    expect(calls[2]!.at - calls[0]!.at).toBeGreaterThanOrEqual(490);
  });

  test('pauses between attempts are capped, and jittered also there', async () => {
    const { calls } = await withStub({ go: first(...Array(12).fill('reset')) }, async (stub) => {
      const transport = createTransport(stub.url, false, {}, { retryLimits: { backoffLimit: 200, maxRetryAfter: 0 } });
      await transport.call('go', {}, schema, { retries: Infinity });
      return stub;
    });
    const gaps = calls.slice(1).map(({ at }, index) => at - calls[index]!.at);
    // uncapped it would be minutes
    expect(Math.max(...gaps)).toBeLessThan(2000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(95);
    // without jitter all would be 200
    expect(gaps.filter((gap) => gap < 190).length).toBeGreaterThan(3);
  });

  test('waits no longer than the limits say', async () => {
    const fault: Answer = { status: 503, json: {}, headers: { 'retry-after': '30' } };
    const start = performance.now();
    await call(first(fault, { status: 503, json: {} }));
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('ends with the reason of its signal, without a retry', async () => {
    await withStub({ go: () => 'hang' }, async (stub) => {
      const stop = new AbortController();
      const transport = createTransport(stub.url, false);
      const result = transport.call('go', {}, schema, { signal: stop.signal }).catch((error: unknown) => error);
      await vi.waitFor(() => expect(stub.calls.length).toBe(1));
      stop.abort('enough');
      expect(await result).toBe('enough');
      expect(stub.calls).toHaveLength(1);
    });
  });
});

describe.concurrent('an error says what failed', () => {
  test.each<[string, Answer, object]>([
    [
      'a refusal of ours',
      { status: 409, json: { code: 'lease_lost', message: 'gone' } },
      { code: 'lease_lost', message: 'gone' },
    ],
    ['a retryable code', { status: 400, json: { code: 'rate_limited', message: 'x' } }, { isRetryable: true }],
    [
      'a code that is not retryable',
      { status: 500, json: { code: 'forbidden', message: 'x' } },
      { isRetryable: false },
    ],
    ['a refusal of others', { status: 401, json: { error: 'bad key' } }, { code: 'unauthorized', message: 'bad key' }],
    [
      'a code that is new',
      { status: 400, json: { code: 'new_code', message: 'x' } },
      { code: 'new_code', isRetryable: false },
    ],
    [
      'a status without a body',
      { status: 413, json: {} },
      { code: 'payload_too_large', message: 'The sequencer responded with status 413.' },
    ],
    [
      'a status that is not in the table',
      { status: 418, json: { message: 'x' } },
      { code: 'invalid_request', isRetryable: false },
    ],
    ['a failure that is not in the table', { status: 502, json: {} }, { code: 'internal', isRetryable: true }],
    ['a timeout of the server', { status: 408, json: {} }, { code: 'invalid_request', isRetryable: true }],
    [
      'text',
      { status: 400, text: 'x'.repeat(300), headers: { 'content-type': 'text/plain' } },
      { message: 'x'.repeat(200) },
    ],
  ])('%s', async (_, answer, expected) => {
    const { result } = await call(() => answer, { retries: 0, task_id: 't1' });
    expect(result).toMatchObject({ name: 'HeuristError', task_id: 't1', ...expected });
    expect((result as HeuristError).cause).toBeDefined();
  });

  test('a page instead of JSON', async () => {
    const { result, url } = await call(() => ({ text: '<html>' }), { retries: 0, task_id: 't1' });
    expect(result).toMatchObject({
      code: 'invalid_reply',
      isRetryable: true,
      task_id: 't1',
      message: `The sequencer at ${url}/ returned a response that is not JSON. Is this the URL of a sequencer?`,
    });
  });

  test('no answer', async () => {
    const { result, url } = await call(() => 'hang', { retries: 0, timeout: 100 });
    expect(result).toMatchObject({
      code: 'request_timeout',
      isRetryable: true,
      message: `The sequencer at ${url}/ did not respond in time. Try again, or pass a longer timeout.`,
    });
  });

  test('nobody there', async () => {
    const url = await withStub({}, async (stub) => stub.url);
    await expect(createTransport(url, false).call('go', {}, schema, { retries: 0 })).rejects.toMatchObject({
      code: 'connection_failed',
      isRetryable: true,
      message: `The sequencer at ${url}/ cannot be reached (ECONNREFUSED). Check that it is running and that the URL is right.`,
    });
  });

  test.each([
    [{ ok: 'x' }, '`ok` is missing or not valid'],
    [{ ok: true, more: {} }, '`more.n` is missing or not valid'],
    [5, 'it is not a JSON object'],
  ])('a reply of another form: %j', async (json, problem) => {
    const { result, url } = await call(() => ({ json }), { task_id: 't1' });
    expect(result).toMatchObject({
      code: 'invalid_reply',
      task_id: 't1',
      message: `Unexpected reply to go from ${url}/: ${problem}. Is this the URL of a sequencer?`,
    });
  });
});

describe.concurrent('put', () => {
  const put = (answer: Script[string], options: CallOptions = {}) =>
    withStub({ slot: answer }, async (stub) => {
      const transport = createTransport(
        'https://sequencer.example',
        false,
        { authorization: 'secret' },
        { retryLimits: quick },
      );
      const error = await transport
        .put(`${stub.url}/slot`, new Blob(['bytes']), options)
        .catch((error: unknown) => error);
      return { error, calls: stub.calls };
    });

  test('sends the bytes and its own headers, and no key', async () => {
    const { calls } = await put(() => ({ json: {} }), { headers: { 'x-signed': 'yes' } });
    expect(calls).toMatchObject([{ method: 'PUT', body: 'bytes', headers: { 'x-signed': 'yes' } }]);
    expect(calls[0]?.headers).not.toHaveProperty('authorization');
  });

  test('need not be answered with JSON', async () => {
    expect(await put(() => ({ text: '' }))).toMatchObject({ error: undefined });
  });

  test.each<[string, Answer]>([
    ['a page of a proxy', { text: '<html>Log in</html>' }],
    ['403 of a proxy', { status: 403, text: '<html>No</html>' }],
    ['403 of a storage', { status: 403, text: '<Error/>', headers: { 'content-type': 'application/xml' } }],
    ['413 of a proxy', { status: 413, text: '<html>Too large</html>' }],
  ])('%s: it is sent again', async (_, fault) => {
    const { error, calls } = await put(first(fault));
    expect([error, calls.length]).toEqual([undefined, 2]);
    expect((await put(() => fault, { retries: 0 })).error).toMatchObject({ isRetryable: true });
  });

  test('is retried four times', async () => {
    const { error, calls } = await put(() => ({ status: 503, text: '' }));
    expect(calls).toHaveLength(5);
    expect(error).toMatchObject({ code: 'unavailable' });
  });

  test('is retried when it is not answered in time', async () => {
    const { error, calls } = await put(first('hang'), { timeout: 300 });
    expect([error, calls.length]).toEqual([undefined, 2]);
  });

  test('is sent as often as it is told to, and ends with its signal', async () => {
    expect((await put(() => ({ status: 503, text: '' }), { retries: 1 })).calls).toHaveLength(2);
    const { error } = await put(() => 'hang', { signal: AbortSignal.abort('enough') });
    expect(error).toBe('enough');
  });
});

describe.concurrent('open', () => {
  test('is not retried, and keeps the reply open', async () => {
    await withStub(
      { events: first({ stream: true, text: 'data: 1\n\n' }, { status: 503, json: {} }) },
      async (stub) => {
        const transport = createTransport(stub.url, false, { 'x-mine': 'yes' });
        const stop = new AbortController();
        const response = await transport.open('events', { a: 1 }, stop.signal);
        const reader = response.body!.getReader();
        expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n');
        stop.abort();
        await expect(transport.open('events', {}, new AbortController().signal)).rejects.toMatchObject({
          code: 'unavailable',
        });
        expect(stub.calls).toMatchObject([{ body: { a: 1 }, headers: { 'x-mine': 'yes' } }, {}]);
      },
    );
  });

  test('ends with its signal', async () => {
    await withStub({ events: () => 'hang' }, async (stub) => {
      const transport = createTransport(stub.url, false);
      await expect(transport.open('events', {}, AbortSignal.abort('enough'))).rejects.toBe('enough');
    });
  });
});

describe('the address', () => {
  const message = (url: string | undefined, allowInsecureHttp = false) => {
    try {
      createTransport(url, allowInsecureHttp);
    } catch (error) {
      if (HeuristError.isInstance(error) && error.code === 'invalid_configuration') return error.message;
    }
    return undefined;
  };

  test.each([
    'https://example.com',
    'https://example.com/path/',
    'http://localhost:1',
    'http://a.b.localhost',
    'http://127.0.0.1',
    'http://127.255.0.1:80',
    'http://[::1]:1',
  ])('%s is safe', (url) => {
    expect(message(url)).toBeUndefined();
  });

  test.each([
    'http://example.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://xlocalhost',
    'http://127.0.0.1.example.com',
    'http://1127.0.0.1.example',
    'http://[::2]',
  ])('%s would expose the key', (url) => {
    expect(message(url)).toMatch(/would send your key unencrypted.*allowInsecureHttp/);
    expect(message(url, true)).toBeUndefined();
  });

  test.each(['ftp://example.com', 'example.com', 'xhttp://a', 'httpx://a'])('%s is not an http(s) URL', (url) => {
    expect(message(url, true)).toBe(`\`workflowURL\` must be an http(s) URL (got "${url}").`);
  });

  test.each([
    ['https://me:hunter2@example.com/base', 'https://example.com/base'],
    ['http://hunter2@127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['https://:hunter2@example.com', 'https://example.com'],
  ])('%s has a password, which is not repeated', (url, shown) => {
    expect(message(url)).toBe(
      `\`workflowURL\` must not hold a user name or password: leave them out of "${shown}", and pass your key as { apiKey }.`,
    );
  });

  test.each([
    ['acme#hunter2', 'acme...'],
    ['acme-hunter2', 'acme-...'],
    ['acme#a/b:hunter2', 'acme...'],
    ['ftp://me:hunter2@example.com/x', 'ftp://example.com/x'],
    ['example.com?key=hunter2', 'example.com...'],
    ['http://example.com/?key=hunter2', 'http://example.com/...'],
    ['my-host.example.com', 'my-host.example.com'],
  ])('%s is shown as %s', (url, shown) => {
    expect(message(url)).toContain(`"${shown}"`);
  });

  test.each([undefined, ''])('%s: says how to give one', (url) => {
    expect(message(url)).toMatch(/^No sequencer URL\. .*HEURIST_WORKFLOW_URL.*npx @heurist\/dev/);
  });

  test.each(['', '/', '//', '?a=b', '/?a=b#c'])('what comes after the path does not matter: "%s"', async (end) => {
    await withStub({ 'base/go': () => fine }, async (stub) => {
      expect(await createTransport(`${stub.url}/base${end}`, false).call('go', {}, schema)).toEqual({ ok: true });
    });
  });
});
