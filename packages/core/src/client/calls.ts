// Everything that a client needs once it makes a call, and not before: HTTP, waiting, uploads, and what replies must look like.
// It is imported at the first call (`on-first-use.ts`), so that an import of the package costs next to nothing.
import * as z from 'zod/mini';
import { networkStatusSchema } from '../wire/network-status.ts';
import { string } from '../wire/reply-fields.ts';
import { revokedSessionsSchema, sessionSchema } from '../wire/session.ts';
import { taskResultSchema } from '../wire/task-result-schema.ts';
import { fileSlotSchema } from '../wire/upload-slot.ts';

export { createTransport } from '../wire/transport.ts';
export { openFile } from './file-source.ts';
export { waitForTask } from './wait-for-task.ts';

/** Call -> schema of its reply. */
export const replies = {
  task_create: z.looseObject({ task_id: string() }),
  task_result_query: taskResultSchema,
  task_cancel: z.looseObject({ task_id: string(), msg: string() }),
  network_status: networkStatusSchema,
  webhook_secret: z.looseObject({ secret: string() }),
  file_create: fileSlotSchema,
  session_create: sessionSchema,
  session_revoke: revokedSessionsSchema,
};
