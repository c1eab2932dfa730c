// Draws a picture from a prompt, enlarges it four times and saves it: `npm start a red apple`.
import { Heurist, HeuristError, TaskAbortedError, type WorkflowTaskResult } from '@heurist/core';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';

const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
const ctrlC = new AbortController();
process.once('SIGINT', () => ctrlC.abort());

async function draw(prompt: string): Promise<string> {
  const { signal } = ctrlC;
  // a run waits for a network that is away: this says so at once
  await heurist.workflow.networkStatus({ signal, timeout: 5000 });
  const options = { signal, timeout: 120_000, onProgress };
  const small = await heurist.workflow.run(new Text2ImageTask({ prompt }), options);
  const large = await heurist.workflow.run(new UpscalerTask({ image_url: small.image.url }), options);
  return await large.image.save('out/picture.png', { signal });
}

function onProgress({ status, progress, queue_position, warning }: WorkflowTaskResult): void {
  const ahead = queue_position === undefined ? '' : `, ${queue_position} tasks ahead`;
  if (status === 'waiting') console.error(warning ?? `waiting${ahead}`);
  if (status === 'running') console.error(`${progress?.percent ?? 0} % ${progress?.node ?? ''}`);
}

try {
  const prompt = process.argv.slice(2).join(' ') || 'a red apple';
  console.log(`Saved ${await draw(prompt)}`);
} catch (error) {
  // anything else is a mistake in this program
  if (!HeuristError.isInstance(error)) throw error;
  // Ctrl-C cancels the task on the network too, before this process ends
  console.error(TaskAbortedError.isInstance(error) ? 'Canceled.' : error.message);
  process.exitCode = 1;
}
