// How long a wait takes to settle after its caller has aborted it, and after its timeout: while it submits, and while it waits for a task.
import { Heurist } from '@heurist/core';
import { createTestSequencer } from '@heurist/test-kit';
import { UpscalerTask } from '@heurist/upscaler';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 31;
/** Within which a wait must settle, in milliseconds. */
const LIMIT_MS = 50;
/** When it is given up, in milliseconds from its start. */
const GIVE_UP_MS = 200;

/** Milliseconds from the moment at which a wait is given up to its rejection. */
async function settle(isSubmitting: boolean, isAbort: boolean): Promise<number> {
  await using sequencer = await createTestSequencer();
  if (isSubmitting) await sequencer.inject('hang', { on: 'task_create' });
  else sequencer.on('*').finishWith({}, { after: 3_600_000 });
  const heurist = new Heurist(sequencer.options);
  const abort = new AbortController();
  let givenUpAt = performance.now() + GIVE_UP_MS;
  const timer = setTimeout(() => {
    givenUpAt = performance.now();
    if (isAbort) abort.abort();
  }, GIVE_UP_MS);
  const options = { signal: abort.signal, ...(!isAbort && { timeout: GIVE_UP_MS }) };
  const task = new UpscalerTask({ image_url: 'https://example.com/a.png' });
  const error = await heurist.workflow.run(task, options).then(
    () => undefined,
    (reason) => reason as Error,
  );
  const milliseconds = performance.now() - givenUpAt;
  clearTimeout(timer);
  if (!error) throw new Error('The wait should have been given up.');
  return Math.max(0, milliseconds);
}

async function measure(isSubmitting: boolean, isAbort: boolean): Promise<string[]> {
  const times: number[] = [];
  // the first one loads what calls need
  await settle(isSubmitting, isAbort);
  for (let round = 0; round < ROUNDS; round++) times.push(await settle(isSubmitting, isAbort));
  const { median, text } = summarize(times, 1);
  const what = `${isAbort ? 'abort' : 'timeout'} while it ${isSubmitting ? 'submits' : 'waits'}`;
  return [what, text, `${LIMIT_MS}`, (median / LIMIT_MS).toFixed(2)];
}

const rows: string[][] = [];
for (const isAbort of [true, false])
  for (const isSubmitting of [true, false]) rows.push(await measure(isSubmitting, isAbort));
printTable([['', 'settles after, ms: median (range)', 'limit', 'ratio'], ...rows]);
process.exit(0);
