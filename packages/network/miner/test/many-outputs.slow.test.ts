// A workflow that saves more files than a task can have: those that fit are delivered.
import { rawWorkflow } from '@heurist/core/definition';
import { MOST_OUTPUTS } from '@heurist/core/protocol';
import { expect, test } from 'vitest';
import { createMiner } from '../src/index.ts';
import { startNetwork } from './network.ts';

test('the first of 1,001 pictures arrive, after one run', async () => {
  const network = await startNetwork([rawWorkflow]);
  const { url: sequencer, key, engine } = network;
  const rawNodes = ['EmptyImage', 'SaveImage'];
  const miner = createMiner({ sequencer, key, comfyui: engine.url, workflows: [], rawNodes });
  try {
    await miner.start();
    const batch_size = MOST_OUTPUTS + 1;
    const graph = {
      1: { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size, color: 255 } },
      9: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'o' } },
    };
    const task_id = await network.create('raw', { graph });
    const look = () => network.query(task_id);
    await expect.poll(look, { timeout: 280_000, interval: 500 }).toMatchObject({ status: 'finished', attempt: 1 });
    const { outputs, truncated } = await look();
    expect([outputs.length, truncated]).toEqual([MOST_OUTPUTS, true]);
  } finally {
    await miner.stop();
    await network.close();
  }
}, 300_000);
