import { type Heurist, HeuristError } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type * as z from 'zod/mini';
import type { ApiError } from '../shared/api.ts';

/** How much a page may ask for. */
export interface Limits {
  /** Submits a minute from one address. */
  tasksPerMinute: number;
  /** Uploads a minute from one address. */
  filesPerMinute: number;
  /** Bytes of an upload. */
  uploadBytes: number;
}

/** What the routes work on. */
export interface Services {
  /** Holds the key, which never reaches the page. */
  heurist: Heurist;
  /** Address of the network. */
  workflowURL: string;
  limits: Limits;
  /** Fires when the server closes, so that open streams end. */
  closing: AbortSignal;
}

const invalid = (message: string) => new HeuristError(message, { code: 'invalid_request' });

/**
 * Reads and checks a body.
 *
 * @throws {HeuristError} `invalid_request`
 */
export async function readBody<T>(c: Context, schema: z.ZodMiniType<T>): Promise<T> {
  const body = await c.req.json().catch(() => {
    throw invalid('The request body is no JSON.');
  });
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  throw invalid(`Invalid request: ${error.issues.map(({ path }) => path.join('.')).join(', ')}.`);
}

/** The answer to a call that failed. What the network says reaches the page, in words and with its code. */
export function errorResponse(error: unknown, c: Context): Response {
  // of the middleware: a body that is too large, a page of somebody else
  if (error instanceof HTTPException)
    return c.json({ code: 'invalid_request', message: error.message || 'Refused.' } satisfies ApiError, error.status);
  if (!HeuristError.isInstance(error)) {
    console.error(error);
    return c.json({ code: 'internal', message: 'The server of this page failed.' } satisfies ApiError, 500);
  }
  const { code, message, status } = error;
  // the key is the server's: what is wrong with it is nothing that the visitor could mend
  if (code === 'unauthorized') return c.json({ code: 'unavailable', message: "The server's key is refused." }, 503);
  const known = errorCodes[code as keyof typeof errorCodes];
  if (known) return c.json({ code, message } satisfies ApiError, known.status);
  if (status) return c.json({ code, message } satisfies ApiError, 502);
  return c.json({ code: 'unavailable', message: 'The network does not answer.' } satisfies ApiError, 503);
}
