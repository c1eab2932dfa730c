import * as z from 'zod/mini';

/** Where to upload bytes. */
const uploadTarget = {
  upload_url: z.string(),
  /** Must be sent with them: the storage's URL is signed for these headers. */
  upload_headers: z.optional(z.record(z.string(), z.string())),
};

export const uploadSlotSchema = z.looseObject({ artifact_id: z.string(), ...uploadTarget });

export const fileSlotSchema = z.looseObject({ ...uploadTarget, url: z.string() });
