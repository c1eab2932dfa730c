import * as z from 'zod/mini';
import { notFound } from '../http/errors.ts';

/** An id that can be put into an address. */
export const taskId = z
  .string({ error: 'must be a task id' })
  .check(z.regex(/^[\w-]{1,100}$/, { error: 'must be a task id' }));

/** @throws {HeuristError} `not_found`: an id of another form belongs to no task */
export function checkTaskId(id: string | undefined): string {
  const { data } = taskId.safeParse(id);
  if (data) return data;
  throw notFound('Task not found.');
}
