import { expect, test } from 'vitest';
import { OpenStreams } from './open-streams.ts';

const endless = async () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));

test('a stream of which nobody has read anything counts until it is canceled', async () => {
  const streams = new OpenStreams(1);
  const first = await streams.open('ada', endless);
  expect(await streams.open('ada', endless)).toBeUndefined();
  expect(await streams.open('bob', endless)).toBeInstanceOf(Response);
  // its first bytes have come by now, and wait
  await new Promise((resolve) => setImmediate(resolve));
  await first?.body?.cancel();
  expect(await streams.open('ada', endless)).toBeInstanceOf(Response);
});

test('one that fails to open, or has no body, does not count', async () => {
  const streams = new OpenStreams(1);
  await expect(streams.open('ada', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  await streams.open('ada', async () => new Response(null, { status: 204 }));
  expect(await streams.open('ada', endless)).toBeInstanceOf(Response);
});
