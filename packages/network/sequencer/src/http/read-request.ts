import { HeuristError } from '@heurist/core';
import { readBody } from '@heurist/server-kit/read-body';
import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { checkJson } from '../database/check-json.ts';

/**
 * Reads and checks the body of a request.
 *
 * @throws {HeuristError} `invalid_request`, naming each field that is wrong
 */
export async function readRequest<T>(c: Context, schema: z.ZodMiniType<T>): Promise<T> {
  const { data, problems } = await readBody(c.req, schema, checkJson);
  if (problems) throw new HeuristError(`Invalid request: ${problems.join('; ')}.`, { code: 'invalid_request' });
  return data;
}
