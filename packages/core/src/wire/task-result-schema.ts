import * as z from 'zod/mini';
import { oneOf, string } from './reply-fields.ts';
import type { WorkflowTaskResult } from './task-result.ts';
import { TASK_STATUSES } from './task-status.ts';

/** Only the fields that this SDK reads are checked. */
export const taskResultSchema = z.looseObject({
  task_id: string(),
  status: oneOf(TASK_STATUSES),
  outputs: z.optional(z.array(z.looseObject({ url: string() }))),
}) as z.ZodMiniType as z.ZodMiniType<WorkflowTaskResult>;

/** What a batched query answers: for each id, in order, what `task_result_query` would, the body of an error included. */
export const tasksReplySchema = z.looseObject({
  results: z.array(
    z.looseObject({ task_id: z.string(), status: z.optional(z.string()), code: z.optional(z.string()) }),
  ),
});
