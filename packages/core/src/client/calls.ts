// Everything that a client needs once it makes a call, and not before: HTTP, waiting, uploads, and what replies must look like.
// It is imported at the first call (`on-first-use.ts`), so that an import of the package costs next to nothing.
import { monotonicClock } from '@heurist/server-kit/clock';
import * as z from 'zod/mini';
import { networkStatusSchema } from '../wire/network-status.ts';
import { string } from '../wire/reply-fields.ts';
import { revokedSessionsSchema, sessionSchema } from '../wire/session.ts';
import { taskResultSchema } from '../wire/task-result-schema.ts';
import { createTransport as createPlainTransport, type Transport } from '../wire/transport.ts';
import { fileSlotSchema } from '../wire/upload-slot.ts';
import { createLane } from './shared/lane.ts';

export { openFile } from './file-source.ts';
export { waitTogether } from './shared/waits.ts';

/** Calls that come by the hundred if many tasks are awaited: each at the same time as others would take a connection of its own. */
const FREQUENT = new Set(['task_create', 'tasks_query']);

/** The transport of one client, which makes frequent calls two at a time. */
export function createTransport(...settings: Parameters<typeof createPlainTransport>): Transport {
  const transport = createPlainTransport(...settings);
  const lane = createLane({ most: 2, longMs: 3000, mostFar: 32, clock: monotonicClock });
  return {
    ...transport,
    call(name, body, schema, options = {}) {
      const call = () => transport.call(name, body, schema, options);
      return FREQUENT.has(name) ? lane(call, options.signal) : call();
    },
  };
}

/** Call -> schema of its reply. */
export const replies = {
  task_create: z.looseObject({ task_id: string() }),
  task_result_query: taskResultSchema,
  task_cancel: z.looseObject({ task_id: string(), msg: string() }),
  tasks_query: z.looseObject({ results: z.array(z.unknown()) }),
  network_status: networkStatusSchema,
  webhook_secret: z.looseObject({ secret: string() }),
  file_create: fileSlotSchema,
  session_create: sessionSchema,
  session_revoke: revokedSessionsSchema,
};
