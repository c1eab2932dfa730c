import * as z from 'zod/mini';
import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError, type HeuristErrorOptions } from './errors.ts';
import { printableLine } from './printable.ts';

const anyText = z.catch(z.optional(z.string()), undefined);
const wireError = z.looseObject({ message: anyText, error: anyText, code: anyText });

/**
 * Whose refusals are final: those of any sequencer, which are JSON with a `message` or an `error`, or only those with a code of the
 * protocol, as ours have. All else comes from a proxy in between and says nothing about the call.
 */
export type Authority = 'json' | 'coded';

/** Whether a body with an error status is a sequencer's own. */
function isOwnError(data: unknown, authority: Authority): boolean {
  const { code, message, error } = wireError.safeParse(data).data ?? {};
  if (code !== undefined && Object.hasOwn(errorCodes, code)) return true;
  return authority === 'json' && (code ?? message ?? error) !== undefined;
}

/** Whether a failed call was answered by something in between. */
export function isForeignAnswer(failure: unknown, authority: Authority): boolean {
  const { name, data } = failure as { name?: string; data?: unknown };
  return name === 'HTTPError' && !isOwnError(data, authority);
}

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
  if (HeuristError.isInstance(cause)) return cause;
  const reason = cause?.code ?? cause?.cause?.code;
  const [code, message] =
    name === 'TimeoutError'
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
  const isOwn = isOwnError(data, authority);
  const { code, message, error } = (isOwn && wireError.safeParse(data).data) || {};
  const mayPass = !isOwn || status >= 500 || status === 408 || status === 429;
  return [
    message || error || describePage(data, status) || `The sequencer responded with status ${status}.`,
    {
      code: code ?? codeOf(status),
      status,
      isRetryable: errorCodes[code as WireErrorCode]?.isRetryable ?? mayPass,
      task_id,
      cause,
    },
  ];
}

/** A text instead of JSON. Of a web page only its title: the rest is for browsers. */
function describePage(data: unknown, status: number): string {
  if (typeof data !== 'string') return '';
  if (!/^\s*(<!--|<!doctype|<\?xml|<html|<head|<body|<title)/i.test(data)) return printableLine(data).slice(0, 200);
  const title = /<title[^>]*>([^<]*)/i.exec(data.slice(0, 10_000))?.[1]?.replaceAll(/\s+/g, ' ').trim();
  const named = title ? ` ("${printableLine(title).slice(0, 80)}")` : '';
  return `A web page came back with status ${status}${named}: a proxy or another server answered, not the sequencer. Check its address, and try again.`;
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
