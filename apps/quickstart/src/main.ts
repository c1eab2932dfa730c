// The main job of `npm start`: the whole network in this process, and one photo upscaled through the public SDK.
import { basename, extname, resolve } from 'node:path';
import { createProgressView } from '@heurist/cli';
import { Heurist, type WorkflowTaskResult } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { startLocalNetwork } from '@heurist/local';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions } from '@heurist/upscaler/definition';

const root = resolve(import.meta.dirname, '../../..');
const [picture = resolve(import.meta.dirname, '../photos/astronaut.jpg')] = process.argv.slice(2);
const isAddress = /^https?:\/\//.test(picture);
const seconds = (ms = 0) => `${(ms / 1000).toFixed(1)} s`;

async function main() {
  const start = Date.now();
  console.log('Starting the network: sequencer, miner and CPU engine in this process ...');
  const network = await startLocalNetwork({ workflows: definitions, dataDir: resolve(root, '.heurist/start') });
  const networkMs = Date.now() - start;
  try {
    const { path, output, timings } = await upscale(network);
    console.log(`\n${path}`);
    console.log(`${output.width}x${output.height} pixels, ${(output.bytes / 1e6).toFixed(1)} MB`);
    console.log(
      `network ${seconds(networkMs)}, queued ${seconds(timings?.queued_ms)}, upscaling ${seconds(timings?.run_ms)}, ` +
        `storing ${seconds(timings?.upload_ms)}, in all ${seconds(Date.now() - start)}`,
    );
  } finally {
    await network.close();
  }
}

async function upscale({ url, apiKey }: { url: string; apiKey: string }) {
  const heurist = new Heurist({ workflowURL: url, apiKey });
  console.log(`Upscaling ${picture}`);
  const image_url = isAddress
    ? picture
    : await heurist.workflow.uploadFile(resolve(process.env.INIT_CWD ?? '', picture));
  const task = new UpscalerTask({ image_url });

  const view = createProgressView(process.stdout);
  let last: WorkflowTaskResult | undefined;
  const onProgress = (state: WorkflowTaskResult) => {
    last = state;
    view.show(state);
  };
  const { image } = await heurist.workflow.run(task, { onProgress, timeout: 3_600_000 }).finally(view.end);
  const file = isAddress ? new URL(picture).pathname : picture;
  const name = basename(file, extname(file)) || 'picture';
  const path = await saveOutput(image, resolve(root, `out/${name}-x4.png`));
  return { path, output: image, timings: last?.timings };
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exit(1);
}
