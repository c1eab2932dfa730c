// A sequencer in a process of its own, as replicas are. Tells its parent its address, and a consumer's key.
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { echo } from '@heurist/test-servers/workflows';

const [database = '', folder = ''] = process.argv.slice(2);
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [echo],
  // their submits carry the result itself: what is measured is the queue, not the storage of files
  allowLegacyMiners: true,
});
const url = await sequencer.listen();
process.send?.({ url, key: await sequencer.createKey('consumer', `bench${process.pid}`) });
process.once('disconnect', () => void sequencer.close().then(() => process.exit()));
