'use server';
// Runs on the server, with its key: for what the page should not decide, such as what it costs.
import { Heurist, HeuristError } from '@heurist/core';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';

const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL

/** Enlarges the picture of a task of the page. Its id is known to that page alone. */
export async function enlarge(task_id: string): Promise<{ url: string } | { sentence: string }> {
  try {
    const { image } = await heurist.workflow.task(Text2ImageTask, task_id).wait({ timeout: 5000 });
    const large = await heurist.workflow.run(new UpscalerTask({ image_url: image.url }), { timeout: 60_000 });
    return { url: large.image.url };
  } catch (error) {
    if (!HeuristError.isInstance(error)) throw error;
    console.error(error.message);
    return { sentence: error.isRetryable ? 'Please try again in a minute.' : 'The picture cannot be enlarged.' };
  }
}
