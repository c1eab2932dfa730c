import { HeuristError } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ApiError } from '../../shared/api.ts';
import { SignedOutError } from '../visitors/visitor.ts';
import { hideAddresses } from './hide-addresses.ts';

export const invalidRequest = (message: string) => new HeuristError(message, { code: 'invalid_request' });
export const notFound = (message: string) => new HeuristError(message, { code: 'not_found' });
export const unreachable = (cause: unknown) => new HeuristError(NO_ANSWER, { code: 'unavailable', cause });

const NO_ANSWER = 'The network is not responding.';

/** The network does not take the key of this server, which no visitor can fix. */
export const serverKeyRefused = (cause: unknown) =>
  new HeuristError("The network rejected the demo server's API key.", { code: 'unavailable', cause });

interface Explaining {
  workflowURL: string;
  /** Whether visitors use keys of their own. */
  signsIn: boolean;
}

/** Answers calls that failed: with the network's own message and code, if it sent any. */
export function explainErrors({ workflowURL, signsIn }: Explaining) {
  return (error: unknown, c: Context): Response => {
    const { status, ...body } = describeError(error, signsIn);
    return c.json({ ...body, message: hideAddresses(body.message, workflowURL) } satisfies ApiError, status as 500);
  };
}

function describeError(error: unknown, signsIn: boolean): ApiError & { status: number } {
  if (error instanceof SignedOutError) return signedOut(error);
  // of the middleware, only the check for other sites throws it
  if (error instanceof HTTPException)
    return { code: 'forbidden', message: 'Requests from other sites are not allowed.', status: error.status };
  if (!HeuristError.isInstance(error)) {
    console.error(error);
    return { code: 'internal', message: 'The demo server failed. Try again.', status: 500 };
  }
  const { code, message, status } = error;
  if (signsIn && code === 'unauthorized') return signedOut(new SignedOutError('ended'));
  // a session permits every workflow of the page, so what it refuses is one task too many
  if (signsIn && code === 'forbidden') return signedOut(new SignedOutError('used-up'));
  if (code === 'unauthorized' || code === 'forbidden') return describeError(serverKeyRefused(error), signsIn);
  const known = errorCodes[code as keyof typeof errorCodes];
  if (known) return { code, message, status: known.status };
  if (status) return { code, message, status: 502 };
  return { code: 'unavailable', message: NO_ANSWER, status: 503 };
}

const signedOut = ({ message, reason }: SignedOutError) => ({ code: 'signed_out', message, reason, status: 401 });

/** The answer to a request for a server of another name. */
export function refuseHost(host: string): Response {
  const message = `This server is not known as ${host}. Add the name to \`HOST_NAMES\`, comma-separated.`;
  return Response.json({ code: 'forbidden', message } satisfies ApiError, { status: 403 });
}
