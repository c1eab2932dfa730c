import { type Heurist, HeuristError, type WaitOptions } from '@heurist/core';
import { UpscalerTask } from '@heurist/upscaler';

/** What a user of the app sees: a picture, or a sentence. */
export type Answer = { url: string } | { sentence: string };

/** Enlarges a picture for a user of the app. */
export async function enlarge(heurist: Heurist, image_url: string, options: WaitOptions = {}): Promise<Answer> {
  try {
    const { image } = await heurist.workflow.run(new UpscalerTask({ image_url }), { timeout: 20_000, ...options });
    return { url: image.url };
  } catch (error) {
    if (!HeuristError.isInstance(error)) throw error;
    return { sentence: sentences[error.code] ?? (error.isRetryable ? LATER : SORRY) };
  }
}

const LATER = 'That takes longer than usual. Please try again in a few minutes.';
const SORRY = 'That did not work. We have been told.';

const sentences: Record<string, string> = {
  aborted: 'Canceled.',
  task_canceled: 'Canceled.',
  input_unreachable: 'We cannot open this picture. Please send another one.',
};
