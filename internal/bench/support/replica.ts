// A sequencer in its own process, as replicas are. Sends its address and a consumer's key to its parent.
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { echo } from '@heurist/test-servers/workflows';

const [database = '', folder = ''] = process.argv.slice(2);
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [echo],
  // the queue is measured, not its limits
  limits: { openTasks: 1e6, tasksPerMinute: 1e6, callsPerMinute: 1e9, connections: 1e6 },
  // legacy submits carry the result itself: the queue is measured, not file storage
  allowLegacyMiners: true,
});
const url = await sequencer.listen();
process.send?.({ url, key: await sequencer.createKey('consumer', `bench${process.pid}`) });
process.once('disconnect', () => void sequencer.close().then(() => process.exit()));
