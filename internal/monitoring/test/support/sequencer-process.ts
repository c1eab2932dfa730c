// A sequencer in a process of its own, with the log that the command has: sequencer-process.ts FOLDER. Prints its keys first.
import { join } from 'node:path';
import { createConsoleLogger } from '@heurist/cli';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { words } from './words.ts';

const [, , folder = ''] = process.argv;
const sequencer = await createSequencer({
  database: await openDatabase(join(folder, 'database')),
  artifacts: createFolderStore(join(folder, 'artifacts')),
  workflows: [words],
  leaseSeconds: 2,
  allowPrivateWebhooks: true,
  logger: createConsoleLogger('json'),
});
const url = await sequencer.listen();
const keys = {
  consumer: await sequencer.createKey('consumer', 'acme'),
  other: await sequencer.createKey('consumer', 'other'),
  miner: await sequencer.createKey('miner', 'rig'),
  operator: await sequencer.createKey('operator', 'boss'),
};
process.stdout.write(`${JSON.stringify({ url, keys })}\n`);
process.on('SIGTERM', async () => {
  await sequencer.close();
  process.exit(0);
});
