import { HeuristError, type WireErrorCode } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';

/** An error as sequencers send it, so that the client in the page understands it. */
export function refusal(code: WireErrorCode, message: string): Response {
  return Response.json({ code, message }, { status: errorCodes[code].status });
}

/** Of what a call to the sequencer threw. Wrong settings are the operator's business, so they are thrown on. */
export function refusalOf(error: unknown): Response {
  if (!HeuristError.isInstance(error) || error.code === 'invalid_configuration') throw error;
  const code = Object.hasOwn(errorCodes, error.code) ? (error.code as WireErrorCode) : 'unavailable';
  // that the key is wrong, or of another role, is not the page's business, and it must not take it for its own
  if (code === 'unauthorized' || code === 'forbidden') throw error;
  return refusal(code, error.message);
}
