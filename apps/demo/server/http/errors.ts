import { HeuristError } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ApiError } from '../../shared/api.ts';

export const invalidRequest = (message: string) => new HeuristError(message, { code: 'invalid_request' });
export const notFound = (message: string) => new HeuristError(message, { code: 'not_found' });
export const unreachable = (cause: unknown) => new HeuristError(NO_ANSWER, { code: 'unavailable', cause });

const NO_ANSWER = 'The network is not responding.';

/** The answer to a call that failed: the network's own message and code, if it sent any. */
export function errorResponse(error: unknown, c: Context): Response {
  const { status, ...body } = describeError(error);
  return c.json(body satisfies ApiError, status as 500);
}

function describeError(error: unknown): ApiError & { status: number } {
  // of the middleware, only the check for other sites throws it
  if (error instanceof HTTPException)
    return { code: 'forbidden', message: 'Requests from other sites are not allowed.', status: error.status };
  if (!HeuristError.isInstance(error)) {
    console.error(error);
    return { code: 'internal', message: 'The demo server failed. Try again.', status: 500 };
  }
  const { code, message, status } = error;
  // the key is the server's: a visitor cannot fix it
  if (code === 'unauthorized' || code === 'forbidden')
    return { code: 'unavailable', message: "The network rejected the demo server's API key.", status: 503 };
  const known = errorCodes[code as keyof typeof errorCodes];
  if (known) return { code, message, status: known.status };
  if (status) return { code, message, status: 502 };
  return { code: 'unavailable', message: NO_ANSWER, status: 503 };
}

/** The answer to a request for a server of another name. */
export function refuseHost(host: string): Response {
  const message = `This server is not known as ${host}. Add the name to \`HOST_NAMES\`, comma-separated.`;
  return Response.json({ code: 'forbidden', message } satisfies ApiError, { status: 403 });
}
