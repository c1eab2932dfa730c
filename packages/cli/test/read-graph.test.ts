import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Graph } from '@heurist/core/definition';
import { readSaved, savedPath } from '@heurist/test-servers/recordings';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGraph } from '../src/authoring/read-graph.ts';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'read-graph-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, content: unknown) => {
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
  writeFileSync(join(cwd, name), isRaw ? content : JSON.stringify(content));
  return join(cwd, name);
};

const graph: Graph = {
  '1': { class_type: 'LoadImage', inputs: { image: 'tea “kettle”.png' } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
};

/** The same, as the editor saves it. */
const file = {
  nodes: [
    {
      id: 1,
      type: 'LoadImage',
      outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1] }],
      widgets_values: ['tea “kettle”.png', 'image'],
    },
    { id: 2, type: 'SaveImage', inputs: [{ name: 'images', type: 'IMAGE', link: 1 }], widgets_values: ['x'] },
  ],
  links: [[1, 1, 0, 2, 0, 'IMAGE']],
};

const bare = (graph: Graph) =>
  Object.fromEntries(Object.entries(graph).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));

describe('a graph in a wrapping', () => {
  const text = JSON.stringify(graph);
  test.each<[what: string, content: unknown]>([
    ['a file of the editor', file],
    ['a request of RunPod', { input: { workflow: graph } }],
    ['a request of RunPod with an editor file', { input: { workflow: file, images: [] } }],
    ['what the editor exports to scripts', { workflow: { nodes: [], links: [] }, output: graph }],
    [
      'an entry of the history',
      { '7e1c': { prompt: [12, '7e1c', graph, { extra_pnginfo: { workflow: file } }, ['2']] } },
    ],
    ['the prompt as text', { prompt: text }],
    ['a text of a text', JSON.stringify(text)],
    ['a text of a text of a text', JSON.stringify({ prompt: JSON.stringify(text) })],
    ['a list of one', [graph]],
    ['two runs of one graph', { a: { prompt: [1, 'a', graph] }, b: { prompt: [2, 'b', graph] } }],
  ])('%s', async (_, content) => {
    expect(bare(await readGraph(write('wrapped.json', content)))).toEqual(graph);
  });

  test.each<[content: unknown, message: string]>([
    [{ prompt: null }, 'contains no graph, but "prompt". In ComfyUI'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, 'contains no graph, but "a", "b", "c", "d", "e" and more.'],
    [[1], 'contains no graph, but a list.'],
    ['7', 'contains no graph, but number.'],
    [{ first: graph, second: { '1': graph['1'] } }, 'contains 2 graphs.'],
    ['null', 'contains no graph, but null.'],
    [' \n', 'is empty. In ComfyUI'],
    [{ prompt: { '1': { inputs: {} } } }, 'contains no graph, but "prompt".'],
    [{ nodes: [], links: [] }, 'contains a graph in which nothing runs.'],
  ])('%j is refused with what was found', async (content, message) => {
    const path = write('none.json', content);
    await expect(readGraph(path)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(readGraph(path)).rejects.toThrow(message);
  });
});

describe('encodings that tools write', () => {
  const text = JSON.stringify(graph);
  const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
  test.each([
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-8 with two', Buffer.from(`\uFEFF\uFEFF${text}`)],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(text, 'utf16le')],
    ['UTF-16, the other way round', bigEndian(`\uFEFF${text}`)],
    ['that without a mark', bigEndian(text)],
  ])('%s', async (_, bytes) => {
    expect(await readGraph(write('encoded.json', bytes))).toEqual(graph);
  });

  test.each([
    ['zeros', Buffer.alloc(64)],
    ['half a letter', Buffer.concat([Buffer.from(text), Buffer.from([0xc3])])],
    ['UTF-16 that ends in half a letter', Buffer.from(`\uFEFF${text}\uD800`, 'utf16le')],
  ])('%s: refused', async (_, bytes) => {
    await expect(readGraph(write('binary.json', bytes))).rejects.toThrow(
      'is neither JSON nor a picture, film, sound or latent that ComfyUI saves. In ComfyUI',
    );
  });
});

test('numbers that Python writes are read, and texts that look like them stay', async () => {
  const text =
    '{"1": {"class_type": "Save", "inputs": {"a": NaN, "b": -Infinity, "c": "noise: NaN, [Infinity]", "d": Infinity}}}';
  expect((await readGraph(write('python.json', text)))['1']!.inputs).toEqual({
    a: null,
    b: -Number.MAX_VALUE,
    c: 'noise: NaN, [Infinity]',
    d: Number.MAX_VALUE,
  });
});

test('a link with the id as a number is refused by its place', async () => {
  const wrong = { ...graph, '2': { class_type: 'SaveImage', inputs: { images: [1, 0], filename_prefix: 'x' } } };
  await expect(readGraph(write('links.json', wrong))).rejects.toThrow('images of node 2 is [1,0]. Write ["1",0].');
});

test.each([
  [[1, '0'], true],
  [['1', '0'], true],
  [['1', 0.5], true],
  [['1', 0, 'IMAGE'], true],
  [['1'], true],
  [['1', true], false],
  [['1', -1], false],
  [[1, 2, 3], false],
  [['png', 'jpg'], false],
])('%j is a link that ComfyUI refuses: %s', async (images, isRefused) => {
  const path = write('links.json', { ...graph, '2': { class_type: 'SaveImage', inputs: { images } } });
  const message = await readGraph(path).then(
    () => undefined,
    (error: Error) => error.message,
  );
  expect(message).toEqual(
    isRefused ? expect.stringContaining(`node 2 is ${JSON.stringify(images)}. Write ["1",0].`) : undefined,
  );
});

const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });

/** A PNG with texts after its header. */
async function png(texts: Record<string, string>): Promise<Buffer> {
  const plain = await picture.clone().png().toBuffer();
  const chunks = Object.entries(texts).map(([keyword, text]) => {
    const body = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1');
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(body.length - 4, 0);
    numbers.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  });
  const header = 33;
  return Buffer.concat([plain.subarray(0, header), ...chunks, plain.subarray(header)]);
}

describe('files that hold the graph that made them', () => {
  const newer = ['.png', '.exr', '.mp4', '.latent', '-animated.png', '-animated.webp'];
  const noted = [
    ...['png', 'webp', 'webm', 'mp4', 'mp3', 'flac', 'opus'].map((extension) => `comfyui.${extension}`),
    ...newer.map((ending) => `comfyui-0.33${ending}`),
  ];
  test.each(noted)('%s', async (name) => {
    // the bytes count
    const path = write(`${name}.txt`, Buffer.from(readSaved(name)));
    const nodes = Object.values(await readGraph(path));
    expect(nodes.map(({ inputs }) => inputs.note)).toContain('a secret prompt of somebody');
  });

  const sampled = ['after-idat.png', 'kj.webp', 'exif.jpg'];
  test.each(sampled)('%s', async (name) => {
    const graph = await readGraph(savedPath(name));
    expect(graph['6']).toEqual({
      class_type: 'CLIPTextEncode',
      inputs: { text: 'a tin kettle on a windowsill', clip: ['4', 1] },
    });
  });

  test('a drawing, in which all texts are one', async () => {
    const json = JSON.stringify({ prompt: graph, workflow: file }, null, 2);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><metadata><![CDATA[${json}]]></metadata></svg>`;
    expect(await readGraph(write('drawing.svg', svg))).toEqual(graph);
  });

  test('a comment that has the graph in it, as VideoHelperSuite writes', async () => {
    const comment = JSON.stringify({ prompt: JSON.stringify(bare(graph)), workflow: file });
    const exif = { IFD0: { ImageDescription: comment.replaceAll('“', '').replaceAll('”', '') } };
    const bytes = await picture.clone().withExif(exif).webp().toBuffer();
    expect(Object.keys(await readGraph(write('comment.webp', bytes)))).toEqual(['1', '2']);
  });

  test.each<[what: string, texts: Record<string, string>, message: string]>([
    [
      'other texts',
      { parameters: 'a kettle', Software: 'Paint' },
      'contains no graph: it is a PNG image, and its metadata has only "parameters", "software". In',
    ],
    [
      'half a graph',
      { prompt: '{"1": {"class', workflow: '{}' },
      'it is a PNG image, and its "prompt" is not JSON (Unterminated string',
    ],
    ['none', {}, 'contains no graph: it is a PNG image without metadata. In'],
  ])('what was found is said: %s', async (_, texts, message) => {
    await expect(readGraph(write('other.png', await png(texts)))).rejects.toThrow(message);
  });

  test('what a file is, is said', async () => {
    const bmp = Buffer.from(`BM\x99\0\0\0\0\0\0\0\0\0${'\0'.repeat(50)}`, 'latin1');
    await expect(readGraph(write('photo.png', bmp))).rejects.toThrow('is a BMP image, which holds no graph. In');
    const gif = Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1');
    await expect(readGraph(write('loop.gif', gif))).rejects.toThrow('is image/gif, which holds no graph. In');
  });
});

describe('a picture with the file of the editor alone', () => {
  // ComfyUI writes ASCII
  const text = JSON.stringify(file).replaceAll(/[“”]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16)}`);

  test('PNG, also beside a prompt that is none', async () => {
    for (const texts of [{ workflow: text }, { prompt: 'a kettle', workflow: text }])
      expect(bare(await readGraph(write('only.png', await png(texts))))).toEqual(graph);
  });

  test('a primitive that feeds two inputs is one option, and that is said', async () => {
    const fed = (name: string, link: number) => ({ name, type: 'INT', link, widget: { name } });
    const output = (type: string, ...links: number[]) => [{ name: type, type, links }];
    const nodes = [
      { id: 5, type: 'PrimitiveNode', outputs: output('INT', 1, 2), widgets_values: [640, 'fixed'] },
      {
        id: 6,
        type: 'EmptyImage',
        inputs: [fed('width', 1), fed('height', 2)],
        outputs: output('IMAGE', 3),
        widgets_values: [512, 512, 1, 0],
      },
      { id: 7, type: 'SaveImage', inputs: [{ name: 'images', type: 'IMAGE', link: 3 }], widgets_values: ['x'] },
    ];
    const links = [
      [1, 5, 0, 6, 0, 'INT'],
      [2, 5, 0, 6, 1, 'INT'],
      [3, 6, 0, 7, 0, 'IMAGE'],
    ];
    write('primitive.json', { nodes, links });
    const { stdout } = await runCli(['workflow', 'create', 'primitive.json', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      options: [{ name: 'size', bindings: ['6.width', '6.height'], value: 640 }],
      notes: [{ message: 'Option size sets 6.width and 6.height: primitive 5 of the editor feeds them all.' }],
    });
  });

  test('WebP', async () => {
    const bytes = await picture
      .clone()
      .withExif({ IFD0: { Make: `workflow:${text}` } })
      .webp()
      .toBuffer();
    expect(bare(await readGraph(write('only.webp', bytes)))).toEqual(graph);
  });
});

describe('nodes of a server', () => {
  let server: Server;
  let url: string;
  const info = {
    Sparkle: {
      input: { required: { stars: ['INT', {}], glow: ['FLOAT', {}] } },
      output: ['IMAGE'],
      output_node: false,
    },
    Upload: { input: { required: { image: [[], { image_upload: true }] } }, output: [], output_node: true },
    SaveImage: {
      input: { required: { images: ['IMAGE'], filename_prefix: ['STRING', {}] } },
      output: [],
      output_node: true,
    },
  };
  const sparkle = {
    nodes: [
      { id: 1, type: 'Sparkle', outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1] }], widgets_values: [5, 0.5] },
      file.nodes[1],
    ],
    links: file.links,
  };

  beforeAll(async () => {
    server = createServer((request, reply) => {
      if (request.url?.startsWith('/view')) return void reply.writeHead(request.url.includes('gone') ? 404 : 200).end();
      const body = request.url?.includes('object_info') ? info : { system: { comfyui_version: '0.33.0' }, devices: [] };
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    write('sparkle.json', sparkle);
    write('load.json', file);
  });
  afterAll(() => server.close());

  test('create asks it for their controls', async () => {
    const { code, stdout } = await runCli(
      ['workflow', 'create', 'sparkle.json', '--name', 'sparkles', '--comfyui', url],
      { cwd },
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('1.stars, 1.glow')]);
  });

  test('check reads a file of the editor with them', async () => {
    const { code, stdout, stderr } = await runCli(['workflow', 'check', 'sparkle.json', '--comfyui', url], { cwd });
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('can run this graph: 2 nodes.'), '']);
  });

  test('check asks it for the input files, and tells the type of an error', async () => {
    const check = (image: string) => {
      write('files.json', { 1: { class_type: 'Upload', inputs: { image } } });
      return runCli(['workflow', 'check', 'files.json', '--comfyui', url], { cwd });
    };
    const { code, stdout } = await check('a/gone.png');
    expect([code, stdout]).toEqual([
      1,
      'error 1 (Upload): Custom validation failed for node: image - Invalid image file: a/gone.png (custom_validation_failed)\n',
    ]);
    expect((await check('a/there.png')).code).toBe(0);
    write('files.json', { 1: { class_type: 'Nobody', inputs: {} } });
    const missing = await runCli(['workflow', 'check', 'files.json', '--comfyui', url], { cwd });
    expect(missing.stdout).toMatch(/^error 1 \(Nobody\): .* \(missing_node_type\)\n$/);
  });

  test('without it, controls that the file names are taken, and that is told', async () => {
    const [first, ...others] = sparkle.nodes;
    const named = { ...first, widgets_values_named: { stars: 5, glow: 0.5 }, properties: { cnr_id: 'sparkle-pack' } };
    write('named.json', { ...sparkle, nodes: [named, ...others] });
    const { code, stdout, stderr } = await runCli(['workflow', 'create', 'named.json', '--name', 'named'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('1.stars, 1.glow')]);
    expect(stderr).toMatch(
      /^note: "named.json" uses nodes that are not known here: Sparkle \(node 1\)\. .*sparkle-pack/,
    );
  });

  test('a subgraph that the file lacks is no node pack', async () => {
    const lost = { ...sparkle.nodes[0], type: '8f3c2a10-12ab-4000-8000-0123456789ab' };
    write('lost.json', { ...sparkle, nodes: [lost, file.nodes[1]] });
    await expect(readGraph(join(cwd, 'lost.json'))).rejects.toThrow(
      'uses subgraphs that it does not contain: 8f3c2a10-12ab-4000-8000-0123456789ab (node 1). Open it in the ComfyUI',
    );
  });

  test('what it does not have is named', async () => {
    const { code, stderr } = await runCli(['workflow', 'check', 'load.json', '--comfyui', url], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining('not known there: LoadImage (node 1)')]);
  });
});
