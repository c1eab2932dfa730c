// A miner in a process of its own, so that a test can kill it: miner-process.ts OPTIONS, as JSON.

import { paint } from '@heurist/test-servers/workflows';
import { createMiner } from '../src/index.ts';

const miner = createMiner({ ...JSON.parse(process.argv[2] ?? '{}'), workflows: [paint] });
await miner.start();
process.stdout.write('ready\n');
await miner.ended;
