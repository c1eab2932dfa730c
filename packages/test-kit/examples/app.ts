// A small app, as the examples test it.
import { type Heurist, HeuristError } from '@heurist/core';
import { UpscalerTask } from '@heurist/upscaler';

/** What a visitor is told. */
export async function enlarge(heurist: Heurist, image_url: string, timeout = 20_000): Promise<string> {
  try {
    const { image } = await heurist.workflow.run(new UpscalerTask({ image_url }), { timeout });
    return image.url;
  } catch (error) {
    if (!HeuristError.isInstance(error)) throw error;
    return error.isRetryable ? 'Please try again later.' : `That did not work: ${error.code}`;
  }
}
