import { Heurist } from '@heurist/core';
import type { WorkflowFamily } from '@heurist/core/definition';
import { startLocalNetwork } from '@heurist/dev';
import sharp from 'sharp';
import { recipes } from './pictures.ts';

/** The part of a 128-pixel icon that `inpaint` repaints: its right half. */
const mask = () =>
  sharp({ create: { width: 128, height: 128, channels: 3, background: 'black' } })
    .composite([{ input: { create: { width: 64, height: 128, channels: 3, background: 'white' } }, left: 64, top: 0 }])
    .webp({ lossless: true })
    .toBuffer();

/** Runs every recipe, in order: what one makes, later ones take, so those are lossless. */
export async function makePictures(families: readonly WorkflowFamily[]): Promise<Map<string, Buffer>> {
  const made = new Map([['mask.webp', await mask()]]);
  const network = await startLocalNetwork({ workflows: families.flatMap(({ definitions }) => definitions) });
  try {
    const heurist = new Heurist({ workflowURL: network.url, apiKey: network.apiKey });
    for (const [name, { files, options }] of Object.entries(recipes)) {
      const { Task, cpuId } = families.find((family) => family.name === name)!;
      const inputs = Object.entries(files).map(([option, file]) => [option, new Uint8Array(made.get(file)!)]);
      const task = new Task({ workflow_id: cpuId, ...Object.fromEntries(inputs), ...options } as never);
      const { outputs } = await heurist.workflow.run(task);
      made.set(
        `${name}.webp`,
        await sharp(await outputs[0]!.bytes())
          .webp(name === 'upscaler' ? { quality: 90 } : { lossless: true })
          .toBuffer(),
      );
    }
  } finally {
    await network.close();
  }
  return made;
}
