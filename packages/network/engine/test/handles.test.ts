// What a client does not read must not stay open: 1,024 handles are a whole process.
import { abortReads, countOpenHandles, sendHeads } from '@heurist/test-servers/open-handles';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine } from './harness.ts';

const TIMES = 200;
/** Connections that end a moment later, and files that the process opens by itself. */
const SLACK = 15;

let engine: Awaited<ReturnType<typeof startEngine>>;
let url: string;
beforeAll(async () => {
  engine = await startEngine();
  const picture = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  url = `${engine.engine.url}/view?type=input&filename=${await engine.upload(picture, 'red.png')}`;
});
afterAll(async () => await engine.stop());

const untilClosed = (before: number) => expect.poll(countOpenHandles, { timeout: 10_000 }).toBeLessThan(before + SLACK);

test('HEAD of a file leaves nothing open', async () => {
  const before = countOpenHandles();
  expect(await sendHeads(url, TIMES)).toEqual(new Set([200]));
  await untilClosed(before);
});

test('reads that are broken off leave nothing open', async () => {
  const before = countOpenHandles();
  await abortReads(url, TIMES);
  await abortReads(`${url}&preview=jpeg`, TIMES / 4);
  await untilClosed(before);
});
