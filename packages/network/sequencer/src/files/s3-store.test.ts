// What our side of S3 sends and concludes, against a loopback server; test/s3.test.ts has a real storage.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createS3Store, readS3Options } from './s3-store.ts';

const account = { accessKeyId: 'id', secretAccessKey: 'key' };
const sha256 = createHash('sha256').update('hello').digest('hex');
const sum = Buffer.from(sha256, 'hex').toString('base64');
const text = { content_type: 'text/plain', bytes: 5 };

let handle: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[];
const server = createServer((request, response) => {
  requests.push(request);
  handle(request, response);
});
let endpoint: string;
beforeAll(async () => {
  endpoint = await listen(server, 0, '127.0.0.1');
});
beforeEach(() => {
  requests = [];
});
afterAll(() => server.close());

const createStore = (more = {}, timeoutMs?: number) =>
  createS3Store({ endpoint, bucket: 'bucket', prefix: 'files/', ...account, ...more }, timeoutMs ? { timeoutMs } : {});
const sent = () => requests.map(({ method, url }) => `${method} ${url}`);

/** A storage with one file; one that knows checksums also knows those of others. */
function serve(content: string | undefined, headers: Record<string, string> = {}) {
  handle = (request, response) => {
    if (content === undefined) return void response.writeHead(404).end();
    response.setHeader('content-length', Buffer.byteLength(content));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(request.method === 'HEAD' ? undefined : content);
  };
}

test('an upload slot is presigned for its length and checksum, for an hour', async () => {
  const { url, headers } = await createStore().uploadSlot('x', { ...text, sha256 });
  const { origin, pathname, searchParams } = new URL(url);
  expect([origin, pathname]).toEqual([endpoint, '/bucket/files/x']);
  expect(searchParams.get('X-Amz-Expires')).toBe('3600');
  expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host;x-amz-checksum-sha256');
  expect(searchParams.get('X-Amz-Credential')).toMatch(/^id\/\d{8}\/us-east-1\/s3\/aws4_request$/);
  expect(headers).toEqual({ 'x-amz-checksum-sha256': sum });
  expect((await createStore().uploadSlot('x', text)).headers).toEqual({});
});

test('a download URL carries type and name, for an hour, at the public endpoint', async () => {
  const store = createStore({ publicEndpoint: 'https://public.test//', region: 'eu-central-1', prefix: undefined });
  const url = new URL(await store.downloadUrl('x', { content_type: 'text/plain', disposition: 'inline' }));
  expect([url.origin, url.pathname]).toEqual(['https://public.test', '/bucket/x']);
  expect(url.searchParams.get('response-content-type')).toBe('text/plain');
  expect(url.searchParams.get('response-content-disposition')).toBe('inline');
  expect(url.searchParams.get('X-Amz-Expires')).toBe('3600');
  expect(url.searchParams.get('X-Amz-Credential')).toContain('/eu-central-1/s3/');
  const upload = await store.uploadSlot('x', text);
  expect(new URL(upload.url).origin).toBe('https://public.test');
});

test('signatures are dated by the clock that it was given, whatever this machine shows', async () => {
  const now = Date.UTC(2031, 4, 6, 7, 8, 9, 123);
  const store = createStore();
  store.useClock?.({ now: () => now });
  const dateOf = (url: string) => new URL(url).searchParams.get('X-Amz-Date');
  expect(dateOf((await store.uploadSlot('x', text)).url)).toBe('20310506T070809Z');
  expect(dateOf(await store.downloadUrl('x', { content_type: 'a/b', disposition: 'inline' }))).toBe('20310506T070809Z');
  serve('hello');
  await store.confirm('x', text);
  await store.sizeOf('x');
  await store.delete('x');
  expect(requests.map(({ headers }) => headers['x-amz-date'])).toEqual(Array(4).fill('20310506T070809Z'));
});

test('the size of a file is asked without opening it', async () => {
  serve('hello');
  expect(await createStore().sizeOf('x')).toBe(5);
  serve(undefined);
  expect(await createStore().sizeOf('x')).toBeUndefined();
  expect(sent()).toEqual(Array(2).fill('HEAD /bucket/files/x'));
});

test('a size that is not answered in time is unavailable', async () => {
  // a server of its own: what is asked again after that time must not count in the next test
  const broken = createServer((_, response) => void response.writeHead(500).end());
  const store = createStore({ endpoint: await listen(broken, 0, '127.0.0.1') }, 50);
  await expect(store.sizeOf('x')).rejects.toMatchObject({ code: 'unavailable' });
  broken.close();
});

test('a file that is not there has not arrived', async () => {
  serve(undefined);
  expect(await createStore().confirm('x', text)).toBeUndefined();
  expect(sent()).toEqual(['HEAD /bucket/files/x']);
  expect(requests[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
});

test('a storage with checksums is believed: only the first bytes are read', async () => {
  serve('hello', { 'x-amz-checksum-sha256': sum });
  expect(await createStore().confirm('x', { ...text, sha256 })).toEqual({ sha256 });
  expect(sent()).toEqual(['HEAD /bucket/files/x', 'GET /bucket/files/x']);
  expect(requests[1]?.headers.range).toBe('bytes=0-63');
  await expect(createStore().confirm('x', { ...text, bytes: 6 })).rejects.toThrow('has 5 bytes');
  await expect(createStore().confirm('x', { ...text, sha256: '0'.repeat(64) })).rejects.toThrow('SHA-256');
  await expect(createStore().confirm('x', { ...text, content_type: 'image/png' })).rejects.toThrow('image/png');
});

test('without checksums the whole file is read', async () => {
  serve('hello');
  expect(await createStore().confirm('x', { ...text, sha256 })).toEqual({ sha256 });
  expect(requests[1]?.headers.range).toBeUndefined();
  await expect(createStore().confirm('x', { ...text, sha256: '0'.repeat(64) })).rejects.toThrow('SHA-256');
});

test('an empty file has no range', async () => {
  const empty = createHash('sha256').digest('base64');
  serve('', { 'x-amz-checksum-sha256': empty });
  expect(await createStore().confirm('x', { ...text, bytes: 0 })).toHaveProperty('sha256');
  expect(requests[1]?.headers.range).toBeUndefined();
});

test('a file is deleted; one that does not exist is deleted already', async () => {
  serve(undefined);
  await createStore().delete('x');
  expect(sent()).toEqual(['DELETE /bucket/files/x']);
});

test('a storage that refuses', async () => {
  handle = (_, response) => response.writeHead(403).end('<Error/>');
  await expect(createStore().confirm('x', text)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The file storage answered 403. Try again later.',
  });
});

test('a storage that does not answer in time', async () => {
  handle = () => {};
  await expect(createStore({}, 50).confirm('x', text)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The file storage does not answer. Try again later.',
  });
});

test('settings come from the usual variables', () => {
  const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
  expect(readS3Options('s3://bucket', env)).toEqual({
    endpoint: 'https://s3.us-east-1.amazonaws.com',
    publicEndpoint: undefined,
    region: undefined,
    bucket: 'bucket',
    prefix: '',
    ...account,
  });
  const more = { S3_ENDPOINT: 'http://a', S3_PUBLIC_ENDPOINT: 'http://b', AWS_REGION: 'eu-central-1' };
  expect(readS3Options('s3://bucket/some/where//', { ...env, ...more })).toMatchObject({
    endpoint: 'http://a',
    publicEndpoint: 'http://b',
    region: 'eu-central-1',
    prefix: 'some/where/',
  });
});

test.each([
  ['s3://bucket', { AWS_ACCESS_KEY_ID: 'id' }],
  ['s3://bucket', { AWS_SECRET_ACCESS_KEY: 'key' }],
  ['s3://', { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }],
  ['x-s3://bucket', { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }],
])('what is missing is named: %s %j', (location, env) => {
  expect(() => readS3Options(location, env)).toThrow(
    `To keep files in ${location}, pass a location such as s3://bucket/prefix, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  );
});

test('a file that the sequencer itself has is stored with its checksum; a bucket that is missing is a failure', async () => {
  serve('');
  await createStore().write('x', new TextEncoder().encode('hello'), { ...text, sha256 });
  expect(sent()).toEqual(['PUT /bucket/files/x']);
  expect(requests[0]!.headers).toMatchObject({ 'x-amz-checksum-sha256': sum, 'content-length': '5' });
  serve(undefined);
  await expect(createStore().write('x', new TextEncoder().encode('hello'), text)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no such bucket'),
  });
});

test('an empty address of a storage counts as none', () => {
  const empty = { S3_ENDPOINT: '', S3_PUBLIC_ENDPOINT: '', AWS_REGION: '' };
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  const options = readS3Options('s3://bucket', { ...keys, ...empty });
  expect(options.endpoint).toBe('https://s3.us-east-1.amazonaws.com');
  expect(createS3Store(options).origin).toBe('https://s3.us-east-1.amazonaws.com');
});

test.each([
  ['S3_ENDPOINT', 'http://me:hush@minio:9000', 'http://minio:9000'],
  ['S3_PUBLIC_ENDPOINT', 'https://me:hush@files.example.com', 'https://files.example.com'],
  ['S3_ENDPOINT', 'minio:9000', 'minio:9000'],
  ['S3_ENDPOINT', 'me:hush@minio:9000', 'minio:9000'],
  ['S3_PUBLIC_ENDPOINT', 'http://minio:9000/?a=b', 'http://minio:9000/?a=b'],
])('%s cannot be %s, whose password is not shown', (name, address, shown) => {
  const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', [name]: address };
  expect(() => readS3Options('s3://bucket', env)).toThrow(
    `${name} "${shown}" is not the address of a storage: use one`,
  );
});
