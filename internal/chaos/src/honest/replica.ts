// A sequencer with the limits of a paid service, in its own process: replica.ts DATABASE FOLDER
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { echo, paint } from '@heurist/test-servers/workflows';
import type { KeyRequest } from './messages.ts';

/** How long a task may stand still: the default is for pictures that take hours. */
const STALLED_SECONDS = 10;

const [database = '', folder = ''] = process.argv.slice(2);
const sequencer = await createSequencer({
  database: await openDatabase(database),
  artifacts: createFolderStore(folder),
  workflows: [paint, echo],
  limits: { stalledSeconds: STALLED_SECONDS, usualSeconds: STALLED_SECONDS },
});
process.on('message', async ({ role, owner }: KeyRequest) =>
  process.send?.({ owner, key: await sequencer.createKey(role, owner) }),
);
process.once('disconnect', () => process.exit());
process.send?.({ url: await sequencer.listen() });
