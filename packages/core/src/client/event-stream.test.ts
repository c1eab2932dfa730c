import { expect, test } from 'vitest';
import { readEvents } from './event-stream.ts';

const streamOf = (...chunks: (string | Uint8Array)[]) =>
  ReadableStream.from(
    chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)),
  ) as ReadableStream<Uint8Array>;

test.each([1, 3, 1000])('events survive CRLF, comments, several data lines, and a cut each %i bytes', async (size) => {
  const text = ': hi\r\n\r\nid: 1\nevent: task\ndata: {"a":\ndata: 1}\n\ndata: {"b":"é"}\n\n';
  const bytes = new TextEncoder().encode(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
  expect(await Array.fromAsync(readEvents(streamOf(...chunks)))).toEqual([{ a: 1 }, { b: 'é' }]);
});

test('a space after the colon is optional, and only lines that begin with data count', async () => {
  expect(await Array.fromAsync(readEvents(streamOf('data:1\n\nx-data: 2\n\n data: 3\n\ndata:  4\n\n')))).toEqual([
    1, 4,
  ]);
});

test('two lines of data are two lines', async () => {
  await expect(Array.fromAsync(readEvents(streamOf('data: 1\ndata: 2\n\n')))).rejects.toThrow(SyntaxError);
});

test('an event that was cut off by the end of the stream is not an event', async () => {
  expect(await Array.fromAsync(readEvents(streamOf('data: 1\n\ndata: 2')))).toEqual([1]);
});

test('data that is not JSON ends the stream', async () => {
  await expect(Array.fromAsync(readEvents(streamOf('data: 1\n\ndata: no\n\n')))).rejects.toThrow(SyntaxError);
});

test('a reader that stops lets go of the connection', async () => {
  let isCanceled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel() {
      isCanceled = true;
    },
  });
  for await (const event of readEvents(endless)) if (event) break;
  await expect.poll(() => isCanceled).toBe(true);
});

test('an event that grows beyond the bound ends the stream, however it arrives', async () => {
  for (const size of [1, 10, 1000]) {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += size;
        if (sent > 100_000) return controller.close();
        controller.enqueue(new Uint8Array(size).fill(97));
      },
    });
    await expect(Array.fromAsync(readEvents(endless, { maxSize: 5000 }))).rejects.toThrow('more than 5000 characters');
    expect(sent).toBeLessThan(5000 + 20 * size);
  }
});

test('many events within the bound are more than it together', async () => {
  const one = `data: "${'a'.repeat(3000)}"\n\n`;
  expect(await Array.fromAsync(readEvents(streamOf(one + one, one, one + one), { maxSize: 5000 }))).toHaveLength(5);
});

test('a line of megabytes in small pieces takes no time', async () => {
  const piece = new TextEncoder().encode('0123456789');
  let left = 200_000;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left--) controller.enqueue(piece);
      else controller.close();
    },
  });
  const start = performance.now();
  expect(await Array.fromAsync(readEvents(body))).toEqual([]);
  expect(performance.now() - start).toBeLessThan(8000);
});
