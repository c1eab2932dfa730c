import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { photoPath, type RecordingName, readEvents, readObjectInfo } from '@heurist/test-servers/recordings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSocket, post, startEngine, type TestGraph } from './harness.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
let url: string;
beforeAll(async () => {
  engine = await startEngine();
  url = engine.engine.url;
});
afterAll(() => engine.stop());

// biome-ignore lint/suspicious/noExplicitAny: replies have many forms
const getJson = async (path: string): Promise<any> => await (await fetch(`${url}${path}`)).json();

/** Every node class of the engine. */
const known = [
  'CheckpointLoaderSimple CLIPTextEncode ConditioningCombine EmptyImage EmptyLatentImage GetImageSize ImageBatch ImageBlend',
  'ImageBlur ImageCrop ImageInvert ImageScale ImageScaleBy ImageToMask ImageUpscaleWithModel InpaintModelConditioning InvertMask',
  'JoinImageWithAlpha KSampler KSamplerAdvanced LatentUpscale LoadImage LoadImageMask MaskToImage PreviewImage RepeatLatentBatch',
  'SaveAnimatedWEBP SaveImage SetLatentNoiseMask UpscaleModelLoader VAEDecode VAEEncode VAEEncodeForInpaint',
].flatMap((line) => line.split(' '));

/** Requests of a recording with the note before them and their answers. */
function exchanges(name: RecordingName) {
  const events = readEvents(name);
  let note = '';
  return events.flatMap((event, index) => {
    if (event.kind === 'step') note = event.note ?? '';
    if (event.method !== 'POST' || event.kind !== 'http_request' || event.path !== '/prompt') return [];
    const answer = events.slice(index).find((later) => later.kind === 'http_response')!;
    return [{ note, request: event, answer }];
  });
}

/** JSON without recursion, for lists in lists. */
function print(value: unknown): string {
  let [levels, inner] = [0, value];
  while (Array.isArray(inner) && inner.length === 1) [levels, inner] = [levels + 1, inner[0]];
  if (levels > 100) return `${'['.repeat(levels)}${JSON.stringify(inner)}${']'.repeat(levels)}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${print(each)}`);
  return `{${entries.join(',')}}`;
}

const isKnown = (graph: TestGraph | undefined) =>
  !!graph && Object.values(graph).every(({ class_type }) => !class_type || known.includes(class_type));

describe('refusals are those of the real server', () => {
  // here the engine says what newer servers do
  const newer = ['node without class_type', 'cycle'];
  const recorded = exchanges('03_validation_failures').filter(
    ({ note, request, answer }) => isKnown(request.json_body?.prompt) && answer.status === 400 && !newer.includes(note),
  );

  /** Python's sets have no order, and its tracebacks are its own. */
  const masked = (value: unknown) =>
    JSON.parse(JSON.stringify(value), (key, inner) => {
      if (key === 'traceback') return [];
      if (key === 'errors')
        return inner.toSorted((a: { details: string }, b: { details: string }) => (a.details < b.details ? -1 : 1));
      return key === 'dependent_outputs' ? inner.toSorted() : inner;
    });

  test.each(recorded)('$note', async ({ request, answer }) => {
    const { status, json } = await post(url, request.json_body);
    expect(status).toBe(400);
    expect(masked(json)).toEqual(masked(answer.json));
  });

  test('there are enough of them to mean something', () => {
    expect(recorded.length).toBeGreaterThan(15);
  });

  test('what would kill the real server is refused: a node without inputs, apart from the others', async () => {
    const apart = { image, save: save('image'), apart: { class_type: 'EmptyImage' } };
    expect((await post(url, { prompt: apart })).json.error.type).toBe('invalid_prompt');
  });

  test('a node without a class is named', async () => {
    const { error } = (await post(url, { prompt: { image: { inputs: {} }, save: save('image') } })).json;
    expect([error.type, error.details]).toEqual(['missing_node_type', "Node ID '#image'"]);
  });

  test('a cycle is named', async () => {
    const prompt = {
      a: { class_type: 'ImageInvert', inputs: { image: ['b', 0] } },
      b: { class_type: 'ImageInvert', inputs: { image: ['a', 0] } },
      save: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'x' } },
    };
    const { status, json } = await post(url, { prompt });
    expect(status).toBe(400);
    expect(JSON.stringify(json.node_errors)).toContain('dependency_cycle');
  });

  test('a choice of a newer combo is checked', async () => {
    const prompt = {
      model: { class_type: 'UpscaleModelLoader', inputs: { model_name: '../../../etc/passwd' } },
      image: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
      up: { class_type: 'ImageUpscaleWithModel', inputs: { upscale_model: ['model', 0], image: ['image', 0] } },
      save: { class_type: 'SaveImage', inputs: { images: ['up', 0], filename_prefix: 'x' } },
    };
    expect((await post(url, { prompt })).json.node_errors.model.errors[0].type).toBe('value_not_in_list');
  });

  const image = { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } };
  const save = (id: string) => ({ class_type: 'SaveImage', inputs: { images: [id, 0], filename_prefix: 'x' } });
  const invert = (id: string) => ({ class_type: 'ImageInvert', inputs: { image: [id, 0] } });
  /** So many nodes in a row, in either order, with or without a first one. */
  const chain = (count: number, first: object, isReversed = false) => {
    const nodes = Array.from({ length: count }, (_, index) => [`n${index + 1}`, invert(`n${index}`)] as const);
    const entries = [['n0', first] as const, ...nodes, ['save', save(`n${count}`)] as const];
    return Object.fromEntries(isReversed ? entries.toReversed() : entries);
  };
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`) as unknown;
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`s${index}`, save('missing')]));

  test.each<[what: string, prompt: object, message: RegExp]>([
    ['10,000 nodes in a row', chain(10_000, image), /more than 950 nodes depend/],
    ['951 in a row', chain(950, image), /more than 950 nodes depend on each other in a row: split the graph/],
    ['951 in a row, from the end', chain(950, image, true), /more than 950 nodes/],
    ['4000 in a row', chain(4000, image), /more than 950 nodes/],
    ['100,000 outputs', wide, /has 100000 nodes/],
    ['nesting', { a: { class_type: 'EmptyImage', inputs: { width: nested(50_000) } } }, /nested more than 100 levels/],
    ['a node of lists', { a: nested(5000) as object }, /nested more than 100 levels/],
  ])('%s: a clear refusal', async (_, prompt, message) => {
    // the deepest cannot be turned into JSON here either
    const text = `{"prompt":${print(prompt)}}`;
    const response = await fetch(`${url}/prompt`, { method: 'POST', body: text });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: {
          type: 'invalid_prompt',
          message: expect.stringMatching(message),
          details: expect.any(String),
          extra_info: {},
        },
        node_errors: {},
      },
    ]);
  });

  test.each([
    ['long', 4000],
    ['longer than what is checked in a row', 950],
    ['short', 948],
  ])('a cycle that is %s', async (_, count) => {
    const { status, json } = await post(url, { prompt: { ...chain(count, invert(`n${count}`)), ok: image } });
    expect([status, json.error.type]).toEqual([400, expect.stringMatching(/^(invalid_prompt|prompt_outputs_failed)/)]);
  });

  test('extra data that could not be printed is refused', async () => {
    const text = `{"prompt":${JSON.stringify({ a: image, b: save('a') })},"extra_data":{"x":${print(nested(20_000))}}}`;
    const response = await fetch(`${url}/prompt`, { method: 'POST', body: text });
    expect([response.status, ((await response.json()) as { error: { type: string } }).error.type]).toEqual([
      400,
      'invalid_prompt',
    ]);
  });

  test.each([['constructor'], ['toString'], ['__proto__'], ['nowhere']])('a link to "%s" is a bad one', async (id) => {
    const { status, json } = await post(url, { prompt: { save: save(id) } });
    expect([status, json.node_errors.save.errors[0].type]).toEqual([400, 'exception_during_validation']);
  });

  test.each([['length'], [0.5], [null], ['0'], [-2], [1]])('output %s is a bad one', async (output) => {
    const prompt = { a: image, save: { ...save('a'), inputs: { images: ['a', output], filename_prefix: 'x' } } };
    const { status, json } = await post(url, { prompt });
    expect([status, json.node_errors.save.errors[0].type]).toEqual([400, 'exception_during_validation']);
  });

  test('948 nodes in a row run, and so do 1000 outputs at once', async () => {
    const outputs = Array.from({ length: 1000 }, (_, index) => [
      `s${index}`,
      { ...save('n0'), class_type: 'PreviewImage' },
    ]);
    const inputs = { images: ['n948', 0] };
    const prompt = { ...chain(948, image), save: { class_type: 'PreviewImage', inputs } };
    const both = [{ ...prompt }, { n0: image, ...Object.fromEntries(outputs) }];
    for (const [index, each] of both.entries()) {
      const { status } = await post(url, { prompt: each, prompt_id: `large ${index}` });
      expect(status).toBe(200);
      await expect.poll(() => engine.client.history(`large ${index}`), { timeout: 60_000 }).toBeDefined();
      expect((await getJson(`/history/large ${index}`))[`large ${index}`].status.status_str).toBe('success');
    }
  }, 120_000);

  test.each(['{ no json', '[1', 'null'])('a broken body (%s) is a 500, as there', async (body) => {
    expect((await fetch(`${url}/prompt`, { method: 'POST', body })).status).toBe(500);
  });
});

test('partly valid prompts run their valid outputs and say what is wrong', async () => {
  const prompt = {
    1: { class_type: 'EmptyImage', inputs: { width: '64', height: 48.9, batch_size: 1, color: 0 } },
    2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 12345 } },
    3: { class_type: 'PreviewImage', inputs: {} },
  };
  const { status, json } = await post(url, { prompt, prompt_id: 'partly' });
  expect(status).toBe(200);
  expect(Object.keys(json.node_errors)).toEqual(['3']);
  await expect.poll(() => engine.client.history('partly')).toBeDefined();
  const entry = await getJson('/history/partly');
  // coerced values are written back
  expect(entry.partly.prompt[2][1].inputs).toEqual({ width: 64, height: 48, batch_size: 1, color: 0 });
  expect(entry.partly.outputs).toEqual({
    2: { images: [{ filename: '12345_00001_.png', subfolder: '', type: 'output' }] },
  });
});

describe('socket messages come in the order of the real server', () => {
  /** Type and node of each message about a prompt. */
  const storyOf = (messages: { type: string; data: Record<string, unknown> }[]) =>
    messages.map(({ type, data }) => {
      const nodes =
        data.nodes && !Array.isArray(data.nodes) ? Object.entries(data.nodes as Record<string, { state: string }>) : [];
      const last = nodes.at(-1);
      return [type, data.node ?? (last ? `${last[0]} ${last[1].state}` : undefined)].filter(Boolean).join(' ');
    });

  test.each(['01_success', '02_cached_rerun'] as const)('%s', async (name) => {
    const events = readEvents(name);
    const frames = (from: number) => {
      const end = events.findIndex((event, index) => index > from && event.data?.data?.node === null);
      return events.slice(from, end + 1).flatMap((event) => (event.kind === 'ws_recv_text' ? [event.data] : []));
    };
    const fresh = await startEngine();
    try {
      const socket = await openSocket(fresh.engine.url, 'me');
      for (const [index, event] of events.entries()) {
        if (event.method !== 'POST' || event.kind !== 'http_request' || event.path !== '/prompt') continue;
        const from = socket.messages.length;
        const reply = await post(fresh.engine.url, { ...event.json_body, client_id: 'me' });
        await socket.ended(reply.json.prompt_id);
        const ours = storyOf(socket.messages.slice(from)).filter((line) => line !== 'status');
        const theirs = storyOf(frames(index)).filter((line: string) => line !== 'status');
        expect(ours).toEqual(theirs);
      }
      socket.close();
    } finally {
      await fresh.stop();
    }
  });

  test('status before and after, and a greeting with the id', async () => {
    const socket = await openSocket(url, 'greeted');
    const { json } = await post(url, { prompt: solid('status', 1), client_id: 'greeted' });
    await socket.ended(json.prompt_id);
    const statuses = socket.messages.filter(({ type }) => type === 'status').map(({ data }) => data);
    expect(statuses[0]).toEqual({ status: { exec_info: { queue_remaining: 0 } }, sid: 'greeted' });
    expect(statuses.slice(1)).toEqual(
      [1, 1, 0].map((queue_remaining) => ({ status: { exec_info: { queue_remaining } } })),
    );
    expect(socket.messages.at(-1)).toEqual({ type: 'executing', data: { node: null, prompt_id: json.prompt_id } });
    socket.close();
  });

  test('a second socket with the same id does not silence the newer one', async () => {
    const older = await openSocket(url, 'twin');
    const newer = await openSocket(url, 'twin');
    older.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { json } = await post(url, { prompt: solid('twin', 2), client_id: 'twin' });
    await newer.ended(json.prompt_id);
    expect(newer.messages.some(({ type }) => type === 'execution_success')).toBe(true);
    newer.close();
  });
});

function solid(prefix: string, color: number): TestGraph {
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size: 1, color } },
    2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
  };
}

/** Busy for a second or two: nine tiles, each of which can be interrupted. */
function slow(prefix: string): TestGraph {
  return {
    image: { class_type: 'EmptyImage', inputs: { width: 520, height: 520, batch_size: 1, color: 0 } },
    model: { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x-animevideov3.onnx' } },
    up: { class_type: 'ImageUpscaleWithModel', inputs: { upscale_model: ['model', 0], image: ['image', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['up', 0], filename_prefix: prefix } },
  };
}

describe('queue and interrupt', () => {
  test('pending prompts: order, front, delete, clear, and interrupt by id only', async () => {
    const socket = await openSocket(url, 'queue', { supports_preview_metadata: true });
    await post(url, { prompt: slow('slow'), prompt_id: 'slow', client_id: 'queue' });
    for (const [prompt_id, more] of [
      ['b', {}],
      ['a', {}],
      ['c', { front: true }],
      ['d', { number: 0.5 }],
    ] as const)
      await post(url, { prompt: solid(prompt_id, 3), prompt_id, ...more });
    const queue = await engine.client.queue();
    expect(queue.running).toEqual(['slow']);
    expect(queue.pending).toEqual(['c', 'd', 'b', 'a']);

    await post(url, { delete: ['b', 'slow', 'unknown'] }, '/queue');
    await post(url, { prompt_id: 'a' }, '/interrupt');
    expect((await engine.client.queue()).running).toEqual(['slow']);
    expect((await engine.client.queue()).pending).toEqual(['c', 'd', 'a']);
    await post(url, { clear: true }, '/queue');

    // some progress and a preview first, then the interrupt
    await expect.poll(() => socket.binary.length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(new DataView(socket.binary[0]!).getUint32(0)).toBe(4);
    await post(url, { prompt_id: 'slow' }, '/api/interrupt');
    await socket.ended('slow');
    const entry = await engine.client.history('slow');
    expect(entry?.status).toMatchObject({ status_str: 'error', completed: false });
    expect(entry?.status?.messages.at(-1)).toMatchObject([
      'execution_interrupted',
      { node_id: 'up', node_type: 'ImageUpscaleWithModel' },
    ]);
    expect(socket.messages.some(({ type }) => type === 'progress')).toBe(true);
    for (const id of ['a', 'b', 'c', 'd']) expect(await engine.client.history(id)).toBeUndefined();
    socket.close();
  });
});

test('a run that is aborted takes only its own prompt with it, not the next one in the queue', async () => {
  for (let round = 0; round < 3; round++) {
    const stop = new AbortController();
    const first = engine.client.run(slow(`aborted${round}`), { signal: stop.signal }).catch((error: unknown) => error);
    await expect.poll(async () => (await engine.client.queue()).running.length, { interval: 5 }).toBe(1);
    const next = engine.client.run(solid(`next${round}`, round));
    await expect.poll(async () => (await engine.client.queue()).pending.length, { interval: 5 }).toBe(1);
    stop.abort(new Error('not wanted any more'));
    expect(await first).toMatchObject({ message: 'not wanted any more' });
    expect((await next).outputs).toHaveLength(1);
  }
});

describe('history', () => {
  test('pages, deletion and clearing', async () => {
    const fresh = await startEngine();
    try {
      const base = fresh.engine.url;
      const list = async (query: string) =>
        Object.keys((await (await fetch(`${base}/history${query}`)).json()) as object);
      for (const id of ['a', 'b', 'c', 'd']) await post(base, { prompt: solid(id, 9), prompt_id: id });
      await expect.poll(() => list('')).toEqual(['a', 'b', 'c', 'd']);
      expect(await list('?max_items=2')).toEqual(['c', 'd']);
      expect(await list('?max_items=2&offset=1')).toEqual(['b', 'c']);
      expect(await list('?max_items=2&offset=0')).toEqual(['a', 'b']);
      expect((await fetch(`${base}/history?max_items=x`)).status).toBe(500);
      await post(base, { delete: ['b', 'unknown'] }, '/history');
      expect(await list('')).toEqual(['a', 'c', 'd']);
      await post(base, { clear: true }, '/history');
      expect(await list('')).toEqual([]);
    } finally {
      await fresh.stop();
    }
  });

  test('/free empties the cache', async () => {
    const run = async (prompt_id: string) => {
      await post(url, { prompt: solid('free', 77), prompt_id });
      await expect.poll(() => engine.client.history(prompt_id)).toBeDefined();
      const entry = await engine.client.history(prompt_id);
      return entry?.status?.messages.find(([type]) => type === 'execution_cached')?.[1].nodes;
    };
    await run('free-1');
    expect(await run('free-2')).toEqual(['1', '2']);
    await post(url, { free_memory: true }, '/free');
    expect(await run('free-3')).toEqual([]);
  });
});

describe('files', () => {
  const form = (name: string, bytes: string, more: Record<string, string> = {}) => {
    const body = new FormData();
    body.set('image', new Blob([bytes]), name);
    for (const [key, value] of Object.entries(more)) body.set(key, value);
    return body;
  };
  const upload = async (body: FormData, path = '/upload/image') => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body });
    return [response.status, response.ok ? ((await response.json()) as Record<string, unknown>) : undefined] as const;
  };

  test('uploads keep, number or replace names as the real server does', async () => {
    const input = { subfolder: '', type: 'input' };
    expect(await upload(form('up.txt', 'one'))).toEqual([200, { name: 'up.txt', ...input }]);
    expect(await upload(form('up.txt', 'one'))).toEqual([200, { name: 'up.txt', ...input }]);
    expect(await upload(form('up.txt', 'two'))).toEqual([200, { name: 'up (1).txt', ...input }]);
    expect(await upload(form('up.txt', 'three'), '/api/upload/image')).toEqual([200, { name: 'up (2).txt', ...input }]);
    expect(await upload(form('up.txt', 'four', { overwrite: 'true' }))).toEqual([200, { name: 'up.txt', ...input }]);
    expect(await upload(form('up.txt', 'x', { subfolder: 'sub/dir', type: 'temp' }))).toEqual([
      200,
      { name: 'up.txt', subfolder: 'sub/dir', type: 'temp' },
    ]);
    expect(await (await fetch(`${url}/view?filename=up.txt&type=input`)).text()).toBe('four');
  });

  test.each([
    ['subfolder leads out', form('up.txt', 'x', { subfolder: '../../etc' }), 400],
    ['an absolute subfolder', form('up.txt', 'x', { subfolder: '/abs' }), 400],
    ['an unknown type', form('up.txt', 'x', { type: 'nonsense' }), 500],
    ['no image', new FormData(), 400],
  ])('upload: %s', async (_, body, status) => {
    expect((await upload(body))[0]).toBe(status);
  });

  test('upload: chunks above the limit get 413 and a clean end', async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = request(`${url}/upload/image`, { method: 'POST', agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject);
      Readable.from(Array<Buffer>(110).fill(Buffer.alloc(1_000_000))).pipe(sending);
    });
    expect(status).toBe(413);
  });

  test('view: a name that no header can hold', async () => {
    for (const name of ['猫.png', 'a"b.png', 'a\u202Eb.png']) {
      await upload(form(name, 'x'));
      const { status, headers } = await fetch(`${url}/view?type=input&filename=${encodeURIComponent(name)}`);
      expect([name, status]).toEqual([name, 200]);
      expect(headers.get('content-disposition')).toMatch(/^filename="[\w.]+"$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('upload: the name cannot lead out', async () => {
    const [status, json] = await upload(form('../../evil.txt', 'x'));
    expect([status, json?.name]).toEqual([200, 'evil.txt']);
  });

  test.each([
    ['filename=../secret&type=input', 400],
    ['filename=/etc/passwd&type=input', 400],
    ['filename=up.txt&type=input&subfolder=../..', 403],
    ['filename=up.txt&type=bogus', 400],
    ['filename=absent.png&type=input', 404],
    ['filename=', 400],
    ['', 404],
  ])('view: %s', async (query, status) => {
    expect((await fetch(`${url}/view?${query}`)).status).toBe(status);
  });

  test('view: ranges, heads, previews and channels', async () => {
    const png = readFileSync(photoPath);
    await engine.upload(png, 'view.jpg');
    const view = (query: string, init?: RequestInit) => fetch(`${url}/view?filename=view.jpg&type=input${query}`, init);
    const part = await view('', { headers: { range: 'bytes=0-99' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 0-99/${png.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(png.subarray(0, 100));
    const tail = await view('', { headers: { range: 'bytes=-10' } });
    expect(Buffer.from(await tail.arrayBuffer())).toEqual(png.subarray(-10));
    const head = await view('', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const types = ['&preview=webp;50', '&preview=jpeg;70', '&preview=png', '&channel=a', '&channel=rgb'].map(
      async (query) => (await view(query)).headers.get('content-type'),
    );
    expect(await Promise.all(types)).toEqual(['image/webp', 'image/jpeg', 'image/webp', 'image/png', 'image/png']);
    expect(await (await fetch(`${url}/view?filename=view.jpg%20[input]`)).arrayBuffer()).toHaveProperty(
      'byteLength',
      png.length,
    );
  });

  test('a page of another site is turned away', async () => {
    expect((await fetch(`${url}/queue`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  test('a body over 100 MB is refused', async () => {
    const response = await fetch(`${url}/prompt`, { method: 'POST', body: Buffer.alloc(104_857_601) });
    expect(response.status).toBe(413);
  });
});

describe('introspection', () => {
  test('nodes describe themselves as the real ones do', async () => {
    const ours = await getJson('/object_info');
    expect(Object.keys(ours).toSorted()).toEqual(known.toSorted());
    // biome-ignore lint/suspicious/noExplicitAny: as recorded
    const real = readObjectInfo<Record<string, any>>();
    for (const name of Object.keys(real)) if (!known.includes(name)) delete real[name];
    // what is on the disk differs, and the real server lists another order of a few keys
    for (const info of [real, ours]) {
      info.LoadImage.input.required.image[0] = [];
      info.LoadImageMask.input.required.image[0] = [];
      info.UpscaleModelLoader.input.required.model_name[1].options = [];
      info.CheckpointLoaderSimple.input.required.ckpt_name[0] = [];
    }
    // of what the real one offers, some is here, in its order
    for (const [node, input] of [
      ['KSampler', 'sampler_name'],
      ['KSampler', 'scheduler'],
      ['KSamplerAdvanced', 'sampler_name'],
      ['KSamplerAdvanced', 'scheduler'],
      ['LatentUpscale', 'upscale_method'],
    ] as const) {
      const [choices] = ours[node].input.required[input];
      const all = real[node].input.required[input];
      expect(choices.length).toBeGreaterThan(3);
      all[0] = all[0].filter((choice: string) => choices.includes(choice));
    }
    expect(ours).toEqual(real);
    expect(await (await fetch(`${url}/api/object_info/NoSuchNode`)).json()).toEqual({});
  });

  test('the README names every node class', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(known.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
  });

  test('models, features, stats', async () => {
    expect(await engine.client.models('upscale_models')).toEqual(['4x-animevideov3.onnx', '4x-esrgan-thick.onnx']);
    expect(await engine.client.models('loras')).toEqual([]);
    expect(await (await fetch(`${url}/features`)).json()).toMatchObject({ supports_preview_metadata: true });
    expect((await engine.client.systemStats()).devices[0]?.type).toBe('cpu');
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });
});
