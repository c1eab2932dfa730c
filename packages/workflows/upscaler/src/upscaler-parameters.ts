import * as z from 'zod/mini';

/** What goes over the wire for an upscale. Checked by the app before the submit and by the network after it. */
export const upscalerParametersSchema = z.strictObject({
  /** The picture, as a URL that the network can fetch. */
  image: z.string({ error: 'give the address of a picture as text' }).check(
    z.refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
      error: 'must be an http(s) URL; upload a local file first with heurist.workflow.uploadFile(path)',
    }),
  ),
});

/** Parameters of an upscale, as they cross the wire. */
export interface UpscalerParameters {
  image: string;
}
