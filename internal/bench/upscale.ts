// Our overhead: one photo upscaled through SDK, sequencer, miner and engine, against the bare network call on the whole
// photo, and against sharp's lanczos, which is not a neural network.
import { readFileSync } from 'node:fs';
import { Heurist } from '@heurist/core';
import { startLocalNetwork } from '@heurist/dev';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions } from '@heurist/upscaler/definition';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 5;
const photo = new URL('../../apps/quickstart/photos/astronaut.jpg', import.meta.url).pathname;
const model = new URL('../../packages/network/engine/models/upscale_models/4x-esrgan-thick.onnx', import.meta.url)
  .pathname;

const { data, info } = await sharp(photo).raw().toBuffer({ resolveWithObject: true });
const planes = new Float32Array(data.length);
const pixels = info.width * info.height;
for (let pixel = 0; pixel < pixels; pixel++)
  for (let channel = 0; channel < 3; channel++) planes[channel * pixels + pixel] = data[pixel * 3 + channel]! / 255;
const session = await InferenceSession.create(model, { intraOpNumThreads: 2, logSeverityLevel: 3 });
const network = await startLocalNetwork({ workflows: definitions });
const heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });

const runs: [string, () => Promise<unknown>][] = [
  [
    'whole network (SDK to file)',
    async () => {
      const { image } = await heurist.workflow.run(
        new UpscalerTask({ image_url: await heurist.workflow.uploadFile(await vary(readFileSync(photo))) }),
      );
      return await (await fetch(image.url)).arrayBuffer();
    },
  ],
  ['bare network call', () => session.run({ x: new Tensor('float32', planes, [1, 3, info.height, info.width]) })],
  [
    'sharp lanczos3',
    () =>
      sharp(photo)
        .resize(info.width * 4, info.height * 4, { kernel: 'lanczos3' })
        .png({ compressionLevel: 4 })
        .toBuffer(),
  ],
];

/** A different file each time: the engine would answer from its cache. */
let count = 0;
async function vary(bytes: Buffer): Promise<Uint8Array> {
  return await sharp(bytes).linear(1, count++).png().toBuffer();
}

const times = runs.map((): number[] => []);
await runs[0]![1]();
for (let round = 0; round < ROUNDS; round++)
  for (const [index, [, run]] of runs.entries()) {
    const start = performance.now();
    await run();
    times[index]!.push(performance.now() - start);
  }
const summaries = times.map(summarize);
printTable([
  [`${info.width}x${info.height} x4`, 'ms: median (range)', 'ratio to the bare call'],
  ...runs.map(([name], index) => [
    name,
    summaries[index]!.text,
    (summaries[index]!.median / summaries[1]!.median).toFixed(2),
  ]),
]);
await network.close();
process.exit(0);
