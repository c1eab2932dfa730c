// A miner with a wrong clock in its own process, which gets killed: miner.ts SEQUENCER KEY COMFYUI SKEW_MS JOURNAL
import { skewClock } from './skew-clock.ts';

const [sequencer = '', key = '', comfyui = '', skew = '0', journal = ''] = process.argv.slice(2);
skewClock(Number(skew));

// everything below sees only this clock
const { createMiner } = await import('@heurist/miner');
const { paint } = await import('@heurist/test-servers/workflows');
const miner = createMiner({ sequencer, key, comfyui, workflows: [paint], journal });
process.once('disconnect', () => process.exit());
await miner.start();
process.send?.('ready');
await miner.ended;
