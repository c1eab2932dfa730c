// A sequencer with limits that fit a network of a dozen or two miners, in its own process: replica.ts DATABASE FOLDER
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { echo, paint } from '@heurist/test-servers/workflows';
import type { KeyRequest } from './messages.ts';

/** How long a task may stand still: the default is for pictures that take hours. */
const STALLED_SECONDS = 10;
/** A tenth of what the miners can do: the default is for larger networks. */
const TASKS_PER_MINUTE = 60;

const [database = '', folder = ''] = process.argv.slice(2);
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [paint, echo],
  limits: { stalledSeconds: STALLED_SECONDS, usualSeconds: STALLED_SECONDS, tasksPerMinute: TASKS_PER_MINUTE },
});
process.on('message', async ({ role, owner }: KeyRequest) =>
  process.send?.({ owner, key: await sequencer.createKey(role, owner) }),
);
process.once('disconnect', () => process.exit());
process.send?.({ url: await sequencer.listen() });
