// Makes a postcard of a photo with your own workflow: `npm start photo.jpg`.
import { Heurist, HeuristError, TaskAbortedError } from '@heurist/core';
import { file } from '@heurist/core/node';
import { PhotoGlowTask } from 'photo-glow';

const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
const ctrlC = new AbortController();
process.once('SIGINT', () => ctrlC.abort());

async function makePostcard(photo: string): Promise<string> {
  const { signal } = ctrlC;
  // a run waits for a network that is away: this says so at once
  await heurist.workflow.networkStatus({ signal, timeout: 5000 });
  const task = new PhotoGlowTask({ image_url: file(photo), blend_factor: 0.7 });
  const { image } = await heurist.workflow.run(task, { signal, timeout: 60_000 });
  return await image.save('out/postcard.png', { signal });
}

try {
  console.log(`Saved ${await makePostcard(process.argv[2] ?? 'photo.jpg')}`);
} catch (error) {
  if (!HeuristError.isInstance(error)) throw error;
  console.error(TaskAbortedError.isInstance(error) ? 'Canceled.' : error.message);
  process.exitCode = 1;
}
