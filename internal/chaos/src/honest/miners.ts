// Honest miners, all in one process: miners.ts COMFYUI URL KEY [URL KEY ...]
import { createMiner } from '@heurist/miner';
import { paint } from '@heurist/test-servers/workflows';

const [comfyui = '', ...pairs] = process.argv.slice(2);
process.once('disconnect', () => process.exit());
for (let index = 0; index < pairs.length; index += 2)
  await createMiner({ sequencer: pairs[index]!, key: pairs[index + 1]!, comfyui, workflows: [paint] }).start();
process.send?.({ ready: true });
