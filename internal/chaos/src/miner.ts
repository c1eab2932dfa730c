// A miner in a process of its own, to be killed, whose clock is wrong: miner.ts SEQUENCER KEY COMFYUI SKEW_MS JOURNAL
const [sequencer = '', key = '', comfyui = '', skew = '0', journal = ''] = process.argv.slice(2);
const now = Date.now;
Date.now = () => now() + Number(skew);

// what follows sees only this clock
const { createMiner } = await import('@heurist/miner');
const { paint } = await import('@heurist/test-servers/workflows');
const miner = createMiner({ sequencer, key, comfyui, workflows: [paint], journal });
process.once('disconnect', () => process.exit());
await miner.start();
process.send?.('ready');
await miner.ended;

export {};
