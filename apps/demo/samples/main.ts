// Makes the samples of the first page on a local network: `npm run samples`. Writes public/samples/*.webp and src/home/samples.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Heurist } from '@heurist/core';
import { startLocalNetwork } from '@heurist/dev';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';
import sharp from 'sharp';
import { describeFamilies, families } from '../server/catalogue.ts';
import { CHAIN_EXAMPLES, type ChainExample } from '../src/chains/chain-examples.ts';
import { findWorkflow } from '../src/lib/recipe.ts';
import { orders, type SampleOrder } from './list.ts';

/** What a chain begins with whose first step takes a picture. */
const START = 'a cactus on an orange background';
/** The model of a local network. */
const DRAWS = 'tiny';
const MOST_BYTES = 300_000;

const catalogue = describeFamilies(families);
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'public/samples');
const dataDir = mkdtempSync(join(tmpdir(), 'samples-'));
const workflows = families.flatMap(({ definitions }) => definitions);
const network = await startLocalNetwork({ workflows, dataDir, allowPrivateInputs: false });
const { workflow } = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });

async function make({ prompt, seed, isEnlarged }: SampleOrder) {
  const drawn = await workflow.run(new Text2ImageTask({ workflow_id: DRAWS, prompt, seed }));
  const { image } = isEnlarged ? await workflow.run(new UpscalerTask({ image_url: drawn.image.url })) : drawn;
  const bytes = Buffer.from(await (await fetch(image.url)).arrayBuffer());
  const { data, info } = await sharp(bytes)
    .webp({ quality: isEnlarged ? 72 : 90, effort: 6, smartSubsample: true })
    .toBuffer({ resolveWithObject: true });
  const file = `${prompt.replaceAll(' ', '-')}-${seed}.webp`;
  writeFileSync(join(folder, file), data);
  const models = isEnlarged ? ['tiny-icons', 'RealESRGAN'] : ['tiny-icons'];
  return { file, prompt, seed, workflow_id: DRAWS, models, width: info.width, height: info.height, bytes: data.length };
}

/** What a step of an example chain makes, on the graph for a CPU. */
async function runStep({ family: name, options }: ChainExample['steps'][number], prompt: string, image_url: string) {
  const { Task, cpuId: workflow_id } = families.find((family) => family.name === name)!;
  const known = findWorkflow(catalogue, workflow_id)!.workflow.options;
  const given = { prompt, seed: 0, ...options, image_url, mask_url: await mask };
  const accepted = Object.fromEntries(Object.entries(given).filter(([option]) => known[option]));
  const { outputs } = await workflow.run(new Task({ ...accepted, workflow_id } as never));
  return outputs[0]!.url;
}

/** A round area in the middle, as somebody would paint it. */
const mask = sharp(
  Buffer.from(
    '<svg width="128" height="128"><rect width="128" height="128"/><circle cx="64" cy="64" r="48" fill="#fff"/></svg>',
  ),
)
  .png()
  .toBuffer()
  .then((bytes) => workflow.uploadFile(bytes));

/** The pictures of an example chain. Returns their bytes. */
async function makeChain({ prompt, steps, pictures }: ChainExample): Promise<number> {
  let bytes = 0;
  let image = (await workflow.run(new Text2ImageTask({ workflow_id: DRAWS, prompt: START, seed: 0 }))).image.url;
  for (const [index, step] of steps.entries()) {
    image = await runStep(step, prompt, image);
    const file = sharp(Buffer.from(await (await fetch(image)).arrayBuffer())).resize(192, 192, { kernel: 'lanczos3' });
    const data = await file.webp({ quality: 80, effort: 6 }).toBuffer();
    writeFileSync(join(folder, pictures[index]!), data);
    bytes += data.length;
  }
  return bytes;
}

try {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const samples = [];
  for (const order of orders) samples.push(await make(order));
  let bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  for (const example of CHAIN_EXAMPLES) bytes += await makeChain(example);
  console.log(`${samples.length} samples, ${(bytes / 1e3).toFixed(0)} kB: look at them.`);
  if (bytes > MOST_BYTES) throw new Error(`The samples have ${bytes} bytes; at most ${MOST_BYTES} are allowed.`);
  const listed = samples.map(({ bytes: _, ...sample }) => sample);
  writeFileSync(join(root, 'src/home/samples.json'), `${JSON.stringify(listed, null, 2)}\n`);
} finally {
  await network.close();
  rmSync(dataDir, { recursive: true, force: true });
}
