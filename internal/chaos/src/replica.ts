// A sequencer in its own process, which gets killed: replica.ts DATABASE PORT FOLDER LEASE_SECONDS SKEW_MS
import { silentLogger } from '@heurist/server-kit/logger';
import { skewClock } from './skew-clock.ts';

const [location = '', port = '', folder = '', leaseSeconds = '', skew = '0'] = process.argv.slice(2);
skewClock(Number(skew));

// everything below sees only this clock
const { createFolderStore, createSequencer, openDatabase } = await import('@heurist/sequencer');
const { paint } = await import('@heurist/test-servers/workflows');
const database = await openDatabase(location);
const sequencer = await createSequencer({
  database,
  artifacts: createFolderStore(folder),
  workflows: [paint],
  // thousands of tasks of a few consumers at one moment; runs take seconds, and a miner that keeps tasks loses them after a minute
  limits: { openTasks: 1e6, tasksPerMinute: 1e6, callsPerMinute: 1e9, runSeconds: 60 },
  leaseSeconds: Number(leaseSeconds),
  allowPrivateWebhooks: true,
  logger: { ...silentLogger, error: tellFailure },
});

/** Of what it cannot explain, the network is told. */
function tellFailure(message: string, fields: Record<string, unknown> = {}): void {
  if (message === 'request failed') process.send?.({ failure: `${fields.path}: ${fields.message}` });
}

type Question = { id: number } & ({ query: string } | { role: 'consumer' | 'miner' | 'operator'; owner: string });

process.on('message', (question: Question) => {
  const { id } = question;
  const answer =
    'query' in question ? database.query(question.query) : sequencer.createKey(question.role, question.owner);
  answer.then(
    (answer) => process.send?.({ id, answer }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
process.once('disconnect', () => process.exit());
await sequencer.listen({ port: Number(port) });
process.send?.('ready');
