// Draws every line of prompts.txt. Killed in the middle, it goes on where it was when it is started again: `npm start icons-1`.
import { existsSync, readFileSync } from 'node:fs';
import { Heurist, HeuristError, TaskAbortedError } from '@heurist/core';
import { Text2ImageTask } from '@heurist/text2image';

const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
const ctrlC = new AbortController();
process.once('SIGINT', () => ctrlC.abort());

/** Resolves with the number of prompts that failed. */
async function drawAll(prompts: readonly string[], batch: string): Promise<number> {
  const { signal } = ctrlC;
  // a run waits for a network that is away: this says so at once
  await heurist.workflow.networkStatus({ signal, timeout: 5000 });
  const tasks = prompts.map((prompt) => new Text2ImageTask({ prompt }));
  // the name of the batch makes it resumable; what is open when this program ends is left to go on, and found again
  const options = { job_id: batch, concurrency: 10, timeout: 600_000, signal, onAbort: 'leave' } as const;
  let [ended, failed] = [0, 0];
  for await (const { index, task_id, output, error } of heurist.workflow.runMany(tasks, options)) {
    const path = `out/${batch}/${String(index + 1).padStart(3, '0')}.png`;
    if (error) failed++;
    else if (!existsSync(path)) await output.image.save(path, { signal });
    console.log(`${++ended}/${tasks.length} ${error?.message ?? path} (task ${task_id})`);
  }
  return failed;
}

try {
  const prompts = readFileSync('prompts.txt', 'utf8').split('\n').filter(Boolean);
  const failed = await drawAll(prompts, process.argv[2] ?? 'icons-1');
  if (failed) console.error(`${failed} of ${prompts.length} failed. Draw them again under another name.`);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  // anything else is a mistake in this program
  if (!HeuristError.isInstance(error)) throw error;
  console.error(TaskAbortedError.isInstance(error) ? 'Stopped. Start it again to go on.' : error.message);
  process.exitCode = 1;
}
