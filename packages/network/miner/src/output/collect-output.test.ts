import { createHash } from 'node:crypto';
import { ComfyError } from '@heurist/comfyui';
import { systemClock as clock } from '@heurist/server-kit/clock';
import { readSaved } from '@heurist/test-servers/recordings';
import { expect, test } from 'vitest';
import { collectOutput } from './collect-output.ts';

const png = Buffer.from(readSaved('comfyui.png'));
const never = new AbortController().signal;
const file = { node_id: '9', kind: 'image', filename: 'x.png', subfolder: 's', type: 'output' } as const;
const from = (bytes: Uint8Array) => ({ view: async () => new Blob([new Uint8Array(bytes)]) });

test('a file is described by its content, and loses its graph', async () => {
  const { blob, description } = await collectOutput(file, { comfyui: from(png), keepMetadata: false, clock }, never);
  const bytes = Buffer.from(await blob.arrayBuffer());
  expect(bytes.includes('secret prompt')).toBe(false);
  expect(description).toEqual({
    filename: 'x.png',
    kind: 'image',
    content_type: 'image/png',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    node_id: '9',
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
  });
});

test('the graph stays in the file if the operator wants that', async () => {
  const { blob } = await collectOutput(file, { comfyui: from(png), keepMetadata: true, clock }, never);
  expect(Buffer.from(await blob.arrayBuffer()).equals(png)).toBe(true);
});

test.each([
  ['a caption', 'a caption', undefined],
  ['NUL \u0000, half \ud800 and \u001b[2Jclear', 'NUL , half  and clear', undefined],
  ['x'.repeat(10_001), 'x'.repeat(10_000), true],
])('text goes with the result: %j', async (text, shown, truncated) => {
  const output = { node_id: '3', kind: 'text', text } as const;
  const { blob, description } = await collectOutput(output, { comfyui: from(png), keepMetadata: false, clock }, never);
  expect(description).toMatchObject({ kind: 'text', text: shown });
  expect(description.truncated).toBe(truncated);
  // the file has all of it
  expect(await blob.text()).toBe(text.toWellFormed());
});

test('text is a file too', async () => {
  const output = { node_id: '3', kind: 'text', text: 'grün' } as const;
  const { blob, description } = await collectOutput(output, { comfyui: from(png), keepMetadata: false, clock }, never);
  expect(await blob.text()).toBe('grün');
  expect(description).toMatchObject({
    filename: '3.txt',
    kind: 'text',
    content_type: 'text/plain; charset=utf-8',
    bytes: 5,
  });
  expect(description).not.toHaveProperty('width');
});

test.each([
  ['bytes of no known type', new Uint8Array(100)],
  ['a PNG that is cut off before its size', png.subarray(0, 20)],
])('%s have no size', async (_, bytes) => {
  const { description } = await collectOutput(file, { comfyui: from(bytes), keepMetadata: true, clock }, never);
  expect(description).not.toHaveProperty('width');
  expect(description.content_type).toMatch(/octet-stream|png/);
});

test('a long name keeps its last 255 characters, with the extension', async () => {
  const filename = `${'x'.repeat(400)}.png`;
  const { description } = await collectOutput(
    { ...file, filename },
    { comfyui: from(png), keepMetadata: true, clock },
    never,
  );
  expect(description.filename).toBe(`${'x'.repeat(251)}.png`);
});

test('names that a node chose are printable, bounded, and never empty', async () => {
  const hostile = { ...file, filename: '\u001b[2Ja\u202e\u0000.png', node_id: `9\u0007${'x'.repeat(300)}` };
  const context = { comfyui: from(png), keepMetadata: true, clock };
  expect((await collectOutput(hostile, context, never)).description).toMatchObject({
    filename: 'a.png',
    node_id: `9${'x'.repeat(199)}`,
  });
  const empty = { ...file, filename: '\u0007', node_id: '' };
  expect((await collectOutput(empty, context, never)).description).toMatchObject({
    filename: 'file',
    node_id: 'unknown',
  });
});

test("a file outside of the folders of ComfyUI is nobody's: the task is not run again", async () => {
  const refusing = (status: number) => ({
    view: async () => {
      throw new ComfyError('no', { code: 'comfyui_unreachable', status });
    },
  });
  const collect = (status: number, given: object) =>
    collectOutput({ ...file, ...given }, { comfyui: refusing(status), keepMetadata: false, clock }, never);
  const outside = { filename: 'passwd', subfolder: '../../etc' };
  for (const status of [400, 403])
    await expect(collect(status, outside)).rejects.toMatchObject({
      code: 'no_output',
      message: expect.stringContaining('Node 9 listed the file passwd, which is outside of the folders of ComfyUI'),
    });
  await expect(collect(403, {})).rejects.toMatchObject({ code: 'comfyui_unreachable' });
});
