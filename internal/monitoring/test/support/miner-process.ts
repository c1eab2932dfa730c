// A miner in a process of its own, with the log that the command has: miner-process.ts FORMAT OPTIONS, as JSON.
import { createConsoleLogger } from '@heurist/cli';
import { createMiner, serveStatus } from '@heurist/miner';
import { words } from './words.ts';

const [, , format, options = '{}'] = process.argv;
const logger = createConsoleLogger(format as 'text' | 'json');
const miner = createMiner({ ...JSON.parse(options), workflows: [words], logger });
const status = await serveStatus(() => [miner.status()], { port: 0 });
await miner.start();
process.stdout.write(`ready ${status.url}\n`);
await miner.ended;
