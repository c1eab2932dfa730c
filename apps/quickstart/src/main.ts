// The main job of `npm start`: starts a local network in this process, draws a picture from words (or takes a photo) and
// upscales it, all through the public SDK.
import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { createProgressView } from '@heurist/cli';
import { Heurist, type TaskOutput, type WorkflowTask, type WorkflowTaskOutput } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { startLocalNetwork } from '@heurist/dev';
import { Text2ImageTask } from '@heurist/text2image';
import { definitions as text2image } from '@heurist/text2image/definition';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions as upscaler } from '@heurist/upscaler/definition';

const root = resolve(import.meta.dirname, '../../..');
const wish = process.argv.slice(2).join(' ').trim() || 'a rocket';
const isAddress = /^https?:\/\//.test(wish);
const path = resolve(process.env.INIT_CWD ?? '', wish);
// a name that ends like a picture's is a path, even if the file does not exist
const isPicture = isAddress || existsSync(path) || /\.(png|jpe?g|webp|gif|avif|tiff?)$/i.test(wish);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

async function main() {
  const start = Date.now();
  console.log('Starting a local network: sequencer, miner and CPU engine in this process ...');
  const workflows = [...text2image, ...upscaler];
  const network = await startLocalNetwork({ workflows, dataDir: resolve(root, '.heurist/start') });
  console.log(`Ready after ${seconds(Date.now() - start)}.`);
  try {
    const heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
    const { url, name } = isPicture ? await readPicture(heurist) : await draw(heurist, wish);
    const { image } = await run(heurist, `Upscaling ${name}`, new UpscalerTask({ image_url: url }));
    await save(image, `${name}-x4.png`);
    console.log(`Finished in ${seconds(Date.now() - start)}.`);
  } finally {
    await network.close();
  }
}

async function readPicture(heurist: Heurist) {
  const url = isAddress ? wish : await heurist.workflow.uploadFile(path);
  const file = isAddress ? new URL(wish).pathname : path;
  return { url, name: basename(file, extname(file)) || 'picture' };
}

async function draw(heurist: Heurist, prompt: string) {
  const task = new Text2ImageTask({ prompt });
  const { image, seed } = await run(heurist, `Drawing "${prompt}" with tiny-icons`, task);
  const name = `${prompt
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)}-${seed}`;
  await save(image, `${name}.png`);
  console.log(
    `To draw it again, use seed ${seed}:  npm run heurist -- run text2image --local --prompt "${prompt}" --seed ${seed}`,
  );
  return { url: image.url, name };
}

async function run<Output extends WorkflowTaskOutput>(heurist: Heurist, what: string, task: WorkflowTask<Output>) {
  const start = Date.now();
  console.log(`\n${what}`);
  const view = createProgressView(process.stdout);
  const output = await heurist.workflow.run(task, { onProgress: view.show, timeout: 3_600_000 }).finally(view.end);
  console.log(`Done after ${seconds(Date.now() - start)}.`);
  return output;
}

async function save(output: TaskOutput, name: string) {
  const saved = await saveOutput(output, resolve(root, 'out', name));
  console.log(`${saved} (${output.width}x${output.height} pixels, ${(output.size / 1e3).toFixed(0)} kB)`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exit(1);
}
