import * as z from 'zod/mini';
import { boolean, string } from './reply-fields.ts';

/** Where to upload bytes. */
const uploadTarget = {
  upload_url: string(),
  /** Must be sent with them: the storage's URL is signed for these headers. */
  // `z.record` would be 0.6 kB more of a browser's first load
  upload_headers: z.optional(z.catchall(z.object({}), string())),
};

/** Reply to `miner_upload`. */
export const uploadSlotSchema = z.looseObject({ artifact_id: string(), ...uploadTarget });

/** Reply to `file_create`. */
export const fileSlotSchema = z.looseObject({
  ...uploadTarget,
  url: string(),
  /** Whether the network has this content of this consumer already: then there is nothing to upload. Only if `sha256` was sent. */
  is_stored: z.optional(boolean()),
});
