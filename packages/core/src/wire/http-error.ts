import * as z from 'zod/mini';
import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError } from './errors.ts';

const wireError = z.looseObject({
  message: z.optional(z.string()),
  error: z.optional(z.string()),
  code: z.optional(z.string()),
});

/** Converts an error of the HTTP client to one of this SDK. */
export function toHeuristError(error: unknown, baseUrl: string, task_id: string | undefined): HeuristError {
  if (HeuristError.isInstance(error)) return error;
  const { name, response, data, cause } = error as {
    name?: string;
    response?: Response;
    data?: unknown;
    cause?: { code?: string; cause?: { code?: string } };
  };
  if (response && name === 'HTTPError') return fromResponse(response, data, task_id, error);
  const isPage = name === 'ForceRetryError';
  const reason = cause?.code ?? cause?.cause?.code;
  const [code, message] = isPage
    ? ['invalid_reply', 'returned a response that is not JSON. Is this the URL of a sequencer?']
    : name === 'TimeoutError'
      ? ['request_timeout', 'did not respond in time. Try again, or pass a longer timeout.']
      : [
          'connection_failed',
          `cannot be reached${reason ? ` (${reason})` : ''}. Check that it is running and that the URL is right.`,
        ];
  return new HeuristError(`The sequencer at ${baseUrl} ${message}`, { code, isRetryable: true, task_id, cause: error });
}

function fromResponse({ status }: Response, data: unknown, task_id: string | undefined, cause: unknown): HeuristError {
  const body = wireError.safeParse(data).data ?? {};
  const code = body.code ?? codeOf(status);
  // what has no code comes from something in between, such as the page of a proxy: it says nothing about the call
  const isOwn = body.code !== undefined;
  const message = body.message ?? body.error ?? (typeof data === 'string' ? data.slice(0, 200) : '');
  return new HeuristError(message || `The sequencer responded with status ${status}.`, {
    code,
    status,
    isRetryable:
      errorCodes[body.code as WireErrorCode]?.isRetryable ??
      (!isOwn || status >= 500 || status === 408 || status === 429),
    task_id,
    cause,
  });
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
