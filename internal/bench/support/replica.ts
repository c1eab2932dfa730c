// A sequencer in a process of its own, as replicas are. Tells its parent its address, and a consumer's key.
import { defineWorkflow } from '@heurist/core/definition';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import * as z from 'zod/mini';

const [database = '', folder = ''] = process.argv.slice(2);
const workflow = defineWorkflow({
  workflow_id: 'echo',
  task_type: 'echo',
  title: 'Echo',
  parameters: z.strictObject({ text: z.string() }),
  graph: { text: { class_type: 'Text', inputs: { text: '' } } },
  bindings: { text: { node: 'text', input: 'text' } },
  files: {},
  outputs: ['text'],
  requirements: { nodes: ['Text'], models: [] },
});
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [workflow],
  // their submits carry the result itself: what is measured is the queue, not the storage of files
  allowLegacyMiners: true,
});
const url = await sequencer.listen();
process.send?.({ url, key: await sequencer.createKey('consumer', `bench${process.pid}`) });
process.once('disconnect', () => void sequencer.close().then(() => process.exit()));
