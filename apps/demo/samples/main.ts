// Makes the samples of the first page on a local network: `npm run samples`. Writes public/samples/*.webp and src/home/samples.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Heurist } from '@heurist/core';
import { startLocalNetwork } from '@heurist/dev';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';
import sharp from 'sharp';
import { families } from '../server/catalogue.ts';
import { orders, type SampleOrder } from './list.ts';

/** The model of a local network. */
const DRAWS = 'tiny';
const MOST_BYTES = 300_000;

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

try {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const samples = [];
  for (const order of orders) samples.push(await make(order));
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  console.log(`${samples.length} samples, ${(bytes / 1e3).toFixed(0)} kB: look at them.`);
  if (bytes > MOST_BYTES) throw new Error(`The samples have ${bytes} bytes; at most ${MOST_BYTES} are allowed.`);
  const listed = samples.map(({ bytes: _, ...sample }) => sample);
  writeFileSync(join(root, 'src/home/samples.json'), `${JSON.stringify(listed, null, 2)}\n`);
} finally {
  await network.close();
  rmSync(dataDir, { recursive: true, force: true });
}
