import { createServer, type Server } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { listen } from '@heurist/server-kit/listen';
import { parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import { ALL_PRIVATE_HOSTS } from '@heurist/server-kit/public-address';
import { readSaved } from '@heurist/test-servers/recordings';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchInput } from '../src/input/fetch-input.ts';
import { MAX_REDIRECTS } from '../src/input/request-input.ts';
import { hostileFiles } from './hostile-files.ts';

let files: Record<string, Uint8Array>;
let server: Server;
let origin: string;
/** Requests for each path. */
const asked = new Map<string, number>();

beforeAll(async () => {
  const picture = await sharp({ create: { width: 20, height: 10, channels: 4, background: 'red' } })
    .png()
    .toBuffer();
  const media = { film: readSaved('comfyui.mp4'), sound: readSaved('comfyui.flac'), loop: readSaved('comfyui.webp') };
  const model = Buffer.from('glTF\x02\0\0\0\x14\0\0\0\0\0\0\0JSON');
  const mesh = Buffer.from('o box\nv 0 0 0\n');
  files = { picture, model, mesh, ...media, ...(await hostileFiles()) };
  server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    const file = files[path];
    const times = (asked.get(path) ?? 0) + 1;
    asked.set(path, times);
    const [kind, detail = ''] = path.split(':');
    if (file) response.end(file);
    else if (path === 'endless') {
      const timer = setInterval(() => response.write(Buffer.alloc(64_000)), 1);
      response.on('close', () => clearInterval(timer));
    } else if (path === 'drips') {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    } else if (path === 'slow' || path === 'fast for long') {
      // 200 or 8000 bytes every 20 ms: many windows of 100 ms
      const size = path === 'slow' ? 200 : 8000;
      const padded = Buffer.concat([picture, Buffer.alloc(size * 40)]);
      let sent = 0;
      const timer = setInterval(() => {
        response.write(padded.subarray(sent, sent + size));
        sent += size;
        if (sent < padded.length) return;
        clearInterval(timer);
        response.end();
      }, 20);
    } else if (path === 'cut') {
      response.writeHead(200, { 'content-length': '5000' });
      response.write(picture);
      setTimeout(() => response.destroy(), 50);
    } else if (path === 'encoded') {
      response.writeHead(200, { 'content-encoding': 'deflate', 'content-type': 'image/png' });
      response.end(deflateSync(Buffer.alloc(50_000_000)));
    } else if (kind === 'stored as') {
      const encode = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
      const names = detail.split(', ').filter((name) => name in encode) as (keyof typeof encode)[];
      const body = names.reduce((bytes: Buffer, name) => encode[name](bytes), picture);
      response.writeHead(200, { 'content-encoding': detail }).end(body);
    } else if (kind === 'raw') response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync(picture));
    else if (kind === 'says') response.writeHead(200, { 'content-encoding': detail }).end(picture);
    else if (kind === 'headers') {
      const wants =
        /^heurist-miner\/\d/.test(request.headers['user-agent'] ?? '') &&
        /image\/png/.test(request.headers.accept ?? '');
      response.writeHead(wants ? 200 : 403).end(picture);
    } else if (kind === 'once') {
      if (times > 1) response.end(picture);
      else if (detail === 'reset') request.socket.resetAndDestroy();
      else if (detail === 'cut') {
        response.writeHead(200, { 'content-length': '5000' }).write(picture);
        setTimeout(() => response.destroy(), 20);
      } else response.writeHead(Number(detail), { 'retry-after': '2' }).end();
    } else if (kind === 'later') response.writeHead(429, { 'retry-after': detail }).end();
    else if (kind === 'hop') {
      const left = Number(detail) - 1;
      response.writeHead(302, { location: left ? `/hop:${left}` : '/picture' }).end();
    } else if (path.startsWith('to ')) response.writeHead(302, { location: path.slice(3) }).end();
    else if (path === 'loop-back') response.writeHead(302, { location: '/loop-back' }).end();
    else if (path === 'no-way') response.writeHead(302).end();
    else if (path === 'key') response.writeHead(401).end();
    else if (path !== 'hang') response.writeHead(404).end();
  });
  origin = await listen(server, 0, '127.0.0.1');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const image = { kind: 'image' as const, max_bytes: 1_000_000 };
const video = { ...image, kind: 'video' as const };
const audio = { ...image, kind: 'audio' as const };
const other = { ...image, kind: 'file' as const };
const never = new AbortController().signal;
/** Pauses between tries are written down, and not waited for. */
const pauses: number[] = [];
const clock = {
  now: () => Date.now(),
  sleep: async (ms: number) => {
    pauses.push(ms);
  },
};
const open = { sequencerUrl: 'http://127.0.0.1:1', clock };
const closed = { ...open, privateHosts: ALL_PRIVATE_HOSTS };
const there = (path: string) => `${origin}/${encodeURIComponent(path)}`;

describe('what is right is taken by its bytes', () => {
  test.each([
    ['picture', image, 'image/png'],
    ['to /picture', image, 'image/png'],
    ['loop', image, 'image/webp'],
    ['film', video, 'video/mp4'],
    ['sound', audio, 'audio/flac'],
    ['model', other, 'model/gltf-binary'],
    ['mesh', other, 'application/octet-stream'],
  ])('%s', async (path, rule, contentType) => {
    expect(await fetchInput(there(path), rule, closed, never)).toMatchObject({ contentType });
  });

  test("the sequencer's own files are fetched wherever it is", async () => {
    const policy = { sequencerUrl: origin };
    expect(await fetchInput(there('picture'), image, policy, never)).toMatchObject({ contentType: 'image/png' });
  });
});

describe('as browsers fetch it', () => {
  const fetchPath = async (path: string) => {
    asked.clear();
    pauses.length = 0;
    return await fetchInput(there(path), image, closed, never);
  };

  test('a host learns who asks, and what for', async () => {
    expect(await fetchPath('headers')).toMatchObject({ contentType: 'image/png' });
  });

  test.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, br'])('%s is undone, whoever stored it so', async (encoding) => {
    expect(await fetchPath(`stored as:${encoding}`)).toMatchObject({ contentType: 'image/png' });
  });

  test('deflate may come without its head', async () => {
    expect(await fetchPath('raw:')).toMatchObject({ contentType: 'image/png' });
  });

  test.each(['utf-8', 'aws-chunked', 'identity', 'toString'])('%s is no encoding', async (word) => {
    expect(await fetchPath(`says:${word}`)).toMatchObject({ contentType: 'image/png' });
  });

  test('ten redirects are followed, eleven are too many', async () => {
    expect(await fetchPath(`hop:${MAX_REDIRECTS}`)).toMatchObject({ contentType: 'image/png' });
    await expect(fetchPath(`hop:${MAX_REDIRECTS + 1}`)).rejects.toThrow('more than 10 redirects');
  });

  test.each(['429', '503', '502', '504', '408', 'reset', 'cut'])('%s once, and it is asked for again', async (what) => {
    expect(await fetchPath(`once:${what}`)).toMatchObject({ contentType: 'image/png' });
    expect(pauses).toEqual([/\d/.test(what) ? 2000 : 1000]);
  });

  test('a host that stays busy is asked four times; one that wants longer, or says no, once', async () => {
    await expect(fetchPath('later:1')).rejects.toThrow('status 429');
    expect([asked.get('later:1'), pauses]).toEqual([4, [1000, 2000, 4000]]);
    await expect(fetchPath('later:3600')).rejects.toThrow('status 429');
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    await expect(fetchPath(`later:${date}`)).rejects.toThrow('status 429');
    await expect(fetchPath('key')).rejects.toThrow('status 401');
    expect([asked.get('key'), pauses]).toEqual([1, []]);
  });

  test('an address with blanks around it, and a scheme in capitals', async () => {
    const address = ` ${there('picture').replace('http', 'HTTP')}\n`;
    expect(await fetchInput(address, image, closed, never)).toMatchObject({ contentType: 'image/png' });
  });
});

// the second column is what the consumer reads
describe('files that are not what they seem are refused', () => {
  test.each([
    ['empty', /empty \(0 bytes\)/],
    ['text.png', /not an image \(its content is of no known type\)\. Send a PNG, JPEG or WebP/],
    ['page.html', /is a web page\. Send a PNG/],
    ['picture.svg', /is an SVG drawing\. Send a PNG/],
    ['entities.xml', /not an image/],
    ['paper.pdf', /is a PDF document\. Send a PNG/],
    ['archive.zip', /is a ZIP archive or an office document\. Send/],
    ['program', /not an image/],
    ['model.pickle', /not an image/],
    ['old.bmp', /is a BMP image\. Send a PNG/],
    ['old.tiff', /is a TIFF image\. Send a PNG/],
    ['packed.gz', /is a gzip archive\. Send/],
    ['encoded', /larger than 1 MB.*smaller/],
    ['says:gzip', /is not gzip, as its Content-Encoding says/],
    ['says:br', /is not br, as/],
    ['says:zstd', /is not zstd, as/],
    ['says:deflate', /is not deflate, as/],
    ['film', /not an image \(video\/mp4\)/],
    ['sound', /not an image \(audio\/flac\)/],
    ['header-only.png', /is damaged or cut off .*Send a complete/],
    ['truncated.png', /is damaged or cut off .*Send a complete/],
    ['bad-checksum.png', /is damaged or cut off .*Send a complete/],
    ['no-pixels.png', /is damaged or cut off .*Send a complete/],
    ['no-width.png', /is damaged or cut off .*Send a complete/],
    ['bomb.png', /269 megapixels \(16384x16384\), but the limit is 68 megapixels\. Send a smaller/],
    ['claims-much.png', /megapixels.*smaller/],
    ['bomb-in-frames.png', /16x16 in 1000000 frames.*smaller/],
    ['truncated.jpeg', /is damaged or cut off .*Send a complete/],
    ['claims-much.jpeg', /4291 megapixels.*smaller/],
    ['bomb-in-frames.webp', /16000x16000 in 3 frames.*smaller/],
    ['truncated.webp', /is damaged or cut off .*Send a complete/],
    ['bomb-in-frames.gif', /60000x60000 in 3 frames.*smaller/],
    ['truncated.gif', /is damaged or cut off .*Send a complete/],
  ])('%s', async (path, message) => {
    await expect(fetchInput(there(path), image, closed, never)).rejects.toMatchObject({
      code: /smaller/.test(`${message}`) ? 'input_too_large' : 'input_invalid',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['nothing.mp4', video, /no frames|damaged/],
    ['nothing.webm', video, /no frames|damaged/],
    ['picture', video, /not a video \(image\/png\)\. Send a video file/],
    ['nothing.wav', audio, /no sound|damaged/],
    ['long.wav', audio, /lasts 50000 seconds.*smaller/],
    ['crowd.wav', audio, /200 channels.*smaller/],
    ['film', audio, /not an audio \(video\/mp4\)/],
  ])('%s as %o', async (path, rule, message) => {
    await expect(fetchInput(there(path), rule, closed, never)).rejects.toMatchObject({
      code: /smaller/.test(`${message}`) ? 'input_too_large' : 'input_invalid',
      message: expect.stringMatching(message),
    });
  });
});

describe('servers that misbehave', () => {
  test.each([
    ['endless', 'input_too_large', /larger than 1 MB/],
    ['drips', 'input_unreachable', /slower than 1000 bytes a second for 0.3 s/],
    ['hang', 'input_unreachable', /slower than 1000 bytes a second for 0.3 s/],
    ['cut', 'input_unreachable', /uploadFile/],
    ['nothing', 'input_unreachable', /404/],
    ['key', 'input_unreachable', /401/],
    ['loop-back', 'input_unreachable', /more than 10 redirects/],
    ['no-way', 'input_unreachable', /302/],
    ['to file:///etc/passwd', 'input_unreachable', /only http and https are supported/],
  ])('%s', async (path, code, message) => {
    const policy = /drips|hang/.test(path) ? { ...closed, windowMs: 300 } : closed;
    const error = await fetchInput(there(path), image, policy, never).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each(['drips', 'hang'])('%s: given up after one window, long before the whole time', async (path) => {
    const start = Date.now();
    await expect(fetchInput(there(path), image, { ...closed, windowMs: 200 }, never)).rejects.toMatchObject({
      code: 'input_unreachable',
      message: expect.stringContaining('slower than 1000 bytes a second for 0.2 s'),
    });
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  test('a slow server that keeps sending is waited for', async () => {
    const policy = { ...closed, windowMs: 100 };
    expect(await fetchInput(there('slow'), image, policy, never)).toMatchObject({ contentType: 'image/png' });
  });

  test('there is no limit on the time of a file that comes fast enough, and none slower lasts', async () => {
    const policy = { ...closed, windowMs: 100, graceMs: 100 };
    await expect(fetchInput(there('slow'), image, policy, never)).rejects.toMatchObject({
      code: 'input_unreachable',
      message: expect.stringContaining('slower than 50000 bytes a second over 0.1 s'),
    });
    expect(await fetchInput(there('fast for long'), image, policy, never)).toMatchObject({ contentType: 'image/png' });
  });

  test.each(['http://127.0.0.1:9/x', 'http://no-such-host.invalid/x', 'nonsense', ''])(
    '%j cannot be reached',
    async (address) => {
      await expect(fetchInput(address, image, closed, never)).rejects.toMatchObject({ code: 'input_unreachable' });
    },
  );
});

describe('only the public internet', () => {
  test.each([
    'http://127.0.0.1:80/x',
    'http://127.1/x',
    'http://0/x',
    'http://0.0.0.0/x',
    'http://0177.0.0.1/x',
    'http://0x7f000001/x',
    'http://2130706433/x',
    'http://①②⑦.⓪.⓪.①/x',
    'http://localhost:80/x',
    'http://LOCALHOST/x',
    'http://[::]/x',
    'http://[::1]/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://[::ffff:a9fe:a9fe]/x',
    'http://[64:ff9b::7f00:1]/x',
    'http://[2002:7f00:1::]/x',
    'http://[fe80::1]/x',
    'http://[fd00::1]/x',
    'http://169.254.169.254/latest/meta-data',
    'http://100.100.100.200/latest/meta-data',
    'http://10.0.0.1/x',
    'http://172.16.0.1/x',
    'http://192.168.0.1/x',
    'http://100.64.0.1/x',
    'http://224.0.0.1/x',
    'http://public.example@127.0.0.1/x',
  ])('%s is refused', async (address) => {
    await expect(fetchInput(address, image, open, never)).rejects.toMatchObject({
      code: 'input_unreachable',
      message: expect.stringMatching(/not a public address/),
    });
  });

  test.each([
    'file:///etc/passwd',
    'ftp://example.com/x',
    'gopher://127.0.0.1/x',
    'data:image/png;base64,iVBORw0KGgo=',
    'javascript:alert(1)',
    '/etc/passwd',
    'C:\\secret.png',
    '../../secret.png',
    'secret.png [output]',
  ])('%s is no address', async (address) => {
    await expect(fetchInput(address, image, closed, never)).rejects.toMatchObject({ code: 'input_unreachable' });
  });

  test.each(['http://127.0.0.1:9/x', 'http://169.254.169.254/x', 'http://localhost:9/x'])(
    'a redirect from the sequencer to %s leads nowhere',
    async (address) => {
      const policy = { sequencerUrl: origin };
      await expect(fetchInput(there(`to ${address}`), image, policy, never)).rejects.toThrow('not a public address');
    },
  );
});

describe('what the operator lists', () => {
  const picture = { contentType: 'image/png' };

  test('is fetched: an address, or a name wherever it leads', async () => {
    const { port } = new URL(origin);
    const byName = there('picture').replace('127.0.0.1', 'localhost');
    for (const [address, text] of [
      [there('picture'), '127.0.0.0/8'],
      [there('picture'), `127.0.0.1:${port}`],
      [byName, 'localhost'],
    ] as const) {
      const policy = { ...open, privateHosts: parsePrivateHosts([text]) };
      expect(await fetchInput(address, image, policy, never)).toMatchObject(picture);
    }
    for (const [address, text] of [
      [there('picture'), '127.0.0.1:1'],
      [there('picture'), 'localhost'],
      [byName, '10.0.0.0/8'],
    ] as const) {
      const policy = { ...open, privateHosts: parsePrivateHosts([text]) };
      await expect(fetchInput(address, image, policy, never)).rejects.toThrow('not a public address');
    }
  });
});

describe('files of the network', () => {
  const id = '6f1c1c52-0d0c-4a0e-9d53-0c8a1a4f2d11';
  const file = `/artifacts/${id}?expires=1&signature=x`;
  let sequencer: Server;
  let url: string;
  /** What the sequencer redirects to. */
  let location: string;
  beforeAll(async () => {
    sequencer = createServer((request, response) => {
      if (request.url === '/artifacts/broken') response.writeHead(500).end();
      else response.writeHead(302, { location }).end();
    });
    url = await listen(sequencer, 0, '127.0.0.1');
  });
  afterAll(() => sequencer.close());
  const fetchFile = (address: string, more: object) =>
    fetchInput(address, image, { ...open, sequencerUrl: 'http://127.0.0.1:1', ...more }, never).then(
      ({ contentType }) => contentType,
      ({ message }: Error) => message,
    );

  test('are fetched from its storage, wherever the sequencer says that it is', async () => {
    location = there('picture');
    expect(await fetchFile(url + file, { sequencerUrl: url, fileOrigins: [url, origin] })).toBe('image/png');
    // a miner may reach the sequencer by another address than the one in its links
    expect(await fetchFile(url + file, { fileOrigins: [url, origin] })).toBe('image/png');
    expect(await fetchFile(url + file, { sequencerUrl: url, fileOrigins: [url] })).toContain('not a public address');
    expect(await fetchFile(url + file, { sequencerUrl: url })).toContain('not a public address');
  });

  test('also where both are reached by IPv6', async () => {
    const [sequencer6, storage6] = [sequencer, server].map((one) =>
      createServer((request, response) => void one.emit('request', request, response)),
    );
    const [url6, origin6] = [await listen(sequencer6!, 0, '::1'), await listen(storage6!, 0, '::1')];
    location = there('picture').replace(origin, origin6);
    const told = { sequencerUrl: 'http://[::1]:1', fileOrigins: [url6, origin6] };
    expect(await fetchFile(url6 + file, told)).toBe('image/png');
    for (const each of [sequencer6, storage6]) each!.close();
  });

  test('nothing else there can be named by a consumer', async () => {
    location = there('picture');
    const told = { fileOrigins: [url, origin] };
    for (const address of [
      // the storage itself, another path of the sequencer's public address, a path that only looks like a file
      there('picture'),
      `${url}/metrics`,
      `${url}/artifacts/${id}`,
      `${url}/artifacts/../admin?signature=x`,
      `${url}/artifacts/${id}/../../admin?signature=x`,
      `${url}/artifacts/..%2fadmin?signature=x`,
      // a redirect from a stranger to the storage
      there(`to ${there('picture')}`),
    ])
      expect([address, await fetchFile(address, told)]).toEqual([
        address,
        expect.stringContaining('not a public address'),
      ]);
    // a redirect of the sequencer leads to files of the storage, and to nothing else inside
    location = 'http://localhost:9/x';
    expect(await fetchFile(url + file, told)).toContain('not a public address');
  });

  test('a sequencer elsewhere cannot send a miner to its own machine, or to metadata', async () => {
    for (const sequencerUrl of ['https://network.example', 'http://10.0.0.5:8787'])
      for (const inside of [url, 'http://169.254.169.254', 'http://[::1]:1', 'http://localhost:1'])
        expect(await fetchFile(inside + file, { sequencerUrl, fileOrigins: [inside] })).toContain(
          'not a public address',
        );
  });

  test('an error says nothing of where they are, and gives no advice that was followed already', async () => {
    location = 'http://127.0.0.1:9/bucket';
    const told = { fileOrigins: [url, 'http://127.0.0.1:9'] };
    expect(await fetchFile(url + file, told)).toBe(
      'Cannot fetch the image from the storage of the network: ECONNREFUSED. Submit the task again, or upload the file again.',
    );
    location = there('text.png');
    expect(await fetchFile(url + file, { fileOrigins: [url, origin] })).toMatch(/^The uploaded file is not an image/);
    location = 'http://10.9.8.7/secret';
    expect(await fetchFile(url + file, { sequencerUrl: url })).not.toContain('10.9.8.7');
  });
});

test('a file of exactly the largest size is taken, one byte more is not', async () => {
  const size = files.picture!.length;
  expect((await fetchInput(there('picture'), { ...image, max_bytes: size }, closed, never)).bytes.length).toBe(size);
  await expect(fetchInput(there('picture'), { ...image, max_bytes: size - 1 }, closed, never)).rejects.toMatchObject({
    code: 'input_too_large',
  });
});

test('abort ends it at once', async () => {
  const start = Date.now();
  await expect(fetchInput(there('hang'), image, closed, AbortSignal.timeout(50))).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(Date.now() - start).toBeLessThan(10_000);
});
