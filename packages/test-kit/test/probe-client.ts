// What our client does under a fault, in a few words.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist, HeuristError } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { UpscalerTask } from '@heurist/upscaler';
import { faultGroups, faults } from '../src/faults/index.ts';
import { createTestSequencer, type FaultName, type TestSequencer } from '../src/index.ts';

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 73, 72, 68, 82]);

/** How long the caller is ready to wait, in milliseconds. */
export interface Patience {
  /** A fault that hits one call, and one that hits all. */
  timeout: number;
  isOnce: boolean;
}

/** Runs a client under a fault, once or for good. */
export async function probe(name: FaultName, { timeout, isOnce }: Patience): Promise<string> {
  await using sequencer = await createTestSequencer();
  const heurist = new Heurist(sequencer.options);
  sequencer.on('*').finishWith({}, { after: 50 });
  // polls matter only without a stream
  if (name in faultGroups['The state of a task is wrong']) await sequencer.inject('stream-missing');
  const once = faults[name].isDown ? { lasts: 200 } : { times: 1 };
  await sequencer.inject(name, isOnce ? once : {});
  const [outcome] = await Promise.allSettled([use(heurist, name, timeout)]);
  return describe(outcome, name, sequencer);
}

async function use(heurist: Heurist, name: FaultName, timeout: number): Promise<string> {
  if (!(name in faultGroups['A file does not arrive'])) {
    const run = () => heurist.workflow.run(new UpscalerTask({ image_url: 'https://example.com/a.png' }), { timeout });
    await Promise.all(Array.from({ length: jobsOf(name) }, run));
    return 'finishes';
  }
  if (!name.startsWith('download')) {
    const signal = AbortSignal.timeout(timeout);
    await heurist.workflow.uploadFile(PNG, { signal });
    return 'uploads';
  }
  return await download(heurist);
}

/** A batch of one has no order, and the first two submits are made alone. */
const jobsOf = (name: FaultName) => (name in faultGroups['Many tasks are asked for at once'] ? 5 : 1);

async function download(heurist: Heurist): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  try {
    const { image } = await heurist.workflow.run(new UpscalerTask({ image_url: 'https://example.com/a.png' }));
    await saveOutput(image, join(folder, 'a.png'));
    return 'saves the file';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describe(
  outcome: PromiseSettledResult<string> | undefined,
  name: FaultName,
  sequencer: TestSequencer,
): string {
  const { calls, tasks } = sequencer;
  const end = outcome?.status === 'fulfilled' ? outcome.value : describeError(outcome?.reason);
  const isLeak = calls.some(({ name, body }) => name.startsWith('elsewhere/') && body?.api_key);
  return [
    end,
    ...(isLeak ? ['**sends the key on**'] : []),
    ...(tasks.length > jobsOf(name) ? [`${tasks.length} tasks`] : []),
  ].join(', ');
}

function describeError(error: unknown): string {
  return HeuristError.isInstance(error) ? `\`${error.code}\`` : `**${(error as Error).name}**`;
}
