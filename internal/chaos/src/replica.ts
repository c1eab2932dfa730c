// A sequencer in its own process, which gets killed: replica.ts DATABASE PORT FOLDER LEASE_SECONDS
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { paint } from '@heurist/test-servers/workflows';

const [database = '', port = '', folder = '', leaseSeconds = ''] = process.argv.slice(2);
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [paint],
  // thousands of tasks of a few consumers at one moment
  limits: { openTasks: 1e6, tasksPerMinute: 1e6 },
  leaseSeconds: Number(leaseSeconds),
});
process.on('message', async ({ role, owner }: { role: 'consumer' | 'miner'; owner: string }) =>
  process.send?.({ key: await sequencer.createKey(role, owner) }),
);
process.once('disconnect', () => process.exit());
await sequencer.listen({ port: Number(port) });
process.send?.('ready');
