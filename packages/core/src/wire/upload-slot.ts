import * as z from 'zod/mini';

/** Where to put bytes. */
const uploadTarget = {
  upload_url: z.string(),
  /** Sent along with them: an address of a storage is signed for these. */
  upload_headers: z.optional(z.record(z.string(), z.string())),
};

export const uploadSlotSchema = z.looseObject({ artifact_id: z.string(), ...uploadTarget });

export const fileSlotSchema = z.looseObject({ ...uploadTarget, url: z.string() });
