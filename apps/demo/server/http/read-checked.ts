import { readBody } from '@heurist/server-kit/read-body';
import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { invalidRequest } from './errors.ts';

/**
 * Reads and checks a body.
 *
 * @throws {HeuristError} `invalid_request`, with one message per wrong field
 */
export async function readChecked<T>(c: Context, schema: z.ZodMiniType<T>): Promise<T> {
  const { data, problems } = await readBody(c.req, schema);
  if (problems) throw invalidRequest(`Invalid request: ${problems.join('; ')}.`);
  return data;
}
