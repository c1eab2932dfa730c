import * as z from 'zod/mini';

/** Where to upload bytes. */
const uploadTarget = {
  upload_url: z.string(),
  /** Must be sent with them: the storage's URL is signed for these headers. */
  // `z.record` would be 0.6 kB more of a browser's first load
  upload_headers: z.optional(z.catchall(z.object({}), z.string())),
};

export const uploadSlotSchema = z.looseObject({ artifact_id: z.string(), ...uploadTarget });

export const fileSlotSchema = z.looseObject({
  ...uploadTarget,
  url: z.string(),
  /** Whether the network has this content of this consumer already: then there is nothing to upload. Only if `sha256` was sent. */
  // `z.boolean` would be more of a browser's first load
  is_stored: z.optional(z.literal([true, false])),
});
