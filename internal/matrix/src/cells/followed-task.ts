import { createTestSequencer, type TestSequencer } from '@heurist/test-kit';

/** How long the task goes on after its stream has been opened: a client without one asks every second. */
const RUNS_MS = 6000;
/** How often a client that has the stream may ask meanwhile: at the start and at the end, and until the stream is there. */
const MOST_QUERIES = 4;

/** Where the program finds the sequencer whose task it follows. */
interface FollowSettings {
  FOLLOW_URL: string;
  FOLLOW_KEY: string;
}

/**
 * Runs a program that follows one task by its event stream.
 *
 * @throws {Error} if it has polled instead
 */
export async function withFollowedTask(use: (env: FollowSettings) => Promise<void>): Promise<void> {
  await using sequencer = await createTestSequencer();
  sequencer.on('upscaler').run({ percent: 40 });
  const driven = drive(sequencer);
  // what fails first says why
  const { apiKey } = sequencer.options as { apiKey: string };
  const used = use({ FOLLOW_URL: sequencer.url, FOLLOW_KEY: apiKey });
  await Promise.race([used, driven.then(() => used)]);
  await driven;
}

async function drive(sequencer: TestSequencer): Promise<void> {
  const task = await sequencer.nextTask();
  const pause = () => new Promise((resolve) => setTimeout(resolve, RUNS_MS / 2));
  await pause();
  task.run(80);
  await pause();
  const queries = sequencer.calls.filter(({ name }) => /quer/.test(name)).length;
  task.finish({ bytes: 'x', content_type: 'image/png' });
  if (queries > MOST_QUERIES)
    throw new Error(`The client asked ${queries} times in ${RUNS_MS / 1000} s: it has no event stream.`);
}
