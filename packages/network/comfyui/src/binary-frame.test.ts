import { expect, test } from 'vitest';
import { parseBinaryFrame } from './binary-frame.ts';

function frame(event: number, word: number, ...parts: (string | number[])[]): ArrayBuffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(event, 0);
  head.writeUInt32BE(word, 4);
  return new Uint8Array(Buffer.concat([head, ...parts.map((part) => Buffer.from(part as string))])).buffer;
}
const metadata = (value: object) => JSON.stringify(value);

test.each([
  [1, 'image/jpeg'],
  [2, 'image/png'],
])('the old form, format %i: %s', (format, contentType) => {
  expect(parseBinaryFrame(frame(1, format, [7, 8]))).toEqual({ contentType, bytes: Uint8Array.of(7, 8) });
});

test('the newer form, with metadata', () => {
  const text = metadata({ image_type: 'image/png', prompt_id: 'p', node_id: 'inner', display_node_id: 'outer' });
  expect(parseBinaryFrame(frame(4, text.length, text, [9]))).toEqual({
    contentType: 'image/png',
    bytes: Uint8Array.of(9),
    prompt_id: 'p',
    node_id: 'outer',
  });
  const plain = metadata({ image_type: 'image/jpeg', node_id: 'inner' });
  expect(parseBinaryFrame(frame(4, plain.length, plain))).toMatchObject({ node_id: 'inner' });
});

test.each([
  ['too short', new ArrayBuffer(7)],
  ['another event', frame(3, 1, [1, 2])],
  ['metadata longer than the frame', frame(4, 3, '{}')],
  ['metadata that is not JSON', frame(4, 2, '{x')],
])('%s: no preview', (_, bytes) => {
  expect(parseBinaryFrame(bytes)).toBeUndefined();
});

test('a frame of exactly eight bytes is an empty preview', () => {
  expect(parseBinaryFrame(frame(1, 1))?.bytes.length).toBe(0);
});
