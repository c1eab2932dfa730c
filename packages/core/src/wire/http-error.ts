import * as z from 'zod/mini';
import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError, type HeuristErrorOptions } from './errors.ts';

const wireError = z.looseObject({
  message: z.optional(z.string()),
  error: z.optional(z.string()),
  code: z.optional(z.string()),
});

/** Whose responses are final: those of any server that answers in JSON, or only those with a code, as our sequencer's have. */
export type Authority = 'json' | 'coded';

/** Converts an error of the HTTP client to one of this SDK. */
export function toHeuristError(
  error: unknown,
  baseUrl: string,
  task_id: string | undefined,
  authority: Authority = 'json',
): HeuristError {
  if (HeuristError.isInstance(error)) return error;
  const { name, response, data, cause } = error as {
    name?: string;
    response?: Response;
    data?: unknown;
    cause?: { code?: string; cause?: { code?: string } };
  };
  if (response && name === 'HTTPError')
    return new HeuristError(...describeResponse(response, data, task_id, error, authority));
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

function describeResponse(
  { status }: Response,
  data: unknown,
  task_id: string | undefined,
  cause: unknown,
  authority: Authority,
): [message: string, options: HeuristErrorOptions] {
  const { code, message, error } = wireError.safeParse(data).data ?? {};
  // the page of a proxy in between says nothing about the call
  const isFinal = authority === 'coded' ? code !== undefined : typeof data === 'object';
  const mayPass = !isFinal || status >= 500 || status === 408 || status === 429;
  const text = message ?? error ?? (typeof data === 'string' ? data.slice(0, 200) : '');
  return [
    text || `The sequencer responded with status ${status}.`,
    {
      code: code ?? codeOf(status),
      status,
      isRetryable: errorCodes[code as WireErrorCode]?.isRetryable ?? mayPass,
      task_id,
      cause,
    },
  ];
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
