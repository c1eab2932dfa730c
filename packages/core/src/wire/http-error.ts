import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError, type HeuristErrorOptions } from './errors.ts';
import { printableLine } from './printable.ts';

/** The texts of an error's body, if it has any. By hand: `z.catch` would be the largest part of zod in a browser. */
function textsOf(data: unknown): {
  message?: string | undefined;
  error?: string | undefined;
  code?: string | undefined;
} {
  const { message, error, code } = (data ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { message: text(message), error: text(error), code: text(code) };
}

/**
 * Whose refusals are final: those of any sequencer, which are JSON with a `message` or an `error` that is not a gateway's, or only
 * those with a code of the protocol, as ours have. All else comes from a proxy in between and says nothing about the call.
 */
export type Authority = 'json' | 'coded';

/** What gateways say by themselves: the phrase of a status, or a sentence about routes, tokens and upstreams. */
const GATEWAY_TEXT =
  /^(bad request|unauthorized|payment required|forbidden|(page |route |resource )?not (found|acceptable)|method not allowed|conflict|gone|length required|(payload|content|request entity|request) too large|unsupported media type|misdirected request|unprocessable (entity|content)|too many requests|unavailable for legal reasons|access[ _]denied|request denied|blocked|not authorized|authorization required|authentication required)[.!]?$|no route matched|cannot (get|post|put) \/|missing authentication token|authentication credentials|no api key found|subscription key|security token|\bjwt\b|(incoming|bearer|access) token|not authorized to access|explicit deny|consume this service|(your|client) ip|ip address|upstream|firewall|bot detected/i;
/** Fields of gateways' errors beside the text, as in `{"message":"...","request_id":"..."}`. */
const GATEWAY_FIELD = /^(request_?id|trace_?id|ray_?id|statuscode|timestamp|path|fault|__type)$/i;
/** Headers that a gateway sets only if it answers itself. */
const GATEWAY_HEADERS = ['x-amzn-errortype', 'x-kong-response-latency', 'cf-mitigated'];
/** Codes of sequencers, also of later versions. Clouds write `AccessDenied` or `ACCESS_DENIED`. */
const SEQUENCER_CODE = /^[a-z][a-z0-9_]*$/;

/** Whether a body with an error status is a sequencer's own. */
function isOwnError(data: unknown, headers: Headers, authority: Authority): boolean {
  const { code, message, error } = textsOf(data);
  if (code !== undefined && Object.hasOwn(errorCodes, code)) return true;
  if (authority === 'coded' || Array.isArray(data)) return false;
  if (code !== undefined) return SEQUENCER_CODE.test(code);
  const texts = [message, error].filter((text) => text !== undefined);
  if (!texts.length || texts.some((text) => GATEWAY_TEXT.test(text.trim()))) return false;
  const isGateways = Object.keys(data as object).some((name) => GATEWAY_FIELD.test(name));
  return !isGateways && !GATEWAY_HEADERS.some((name) => headers.has(name));
}

/** Whether a sequencer that answers with this status may answer otherwise later, whatever its code. */
export const mayPass = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

/**
 * Converts an error of the HTTP client to one of this SDK.
 *
 * @param who - whom the call was for, such as `The sequencer at https://...`
 */
export function toHeuristError(
  error: unknown,
  who: string,
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
    return new HeuristError(...describeResponse(response, data, task_id, withoutRequest(error as Error), authority));
  if (HeuristError.isInstance(cause)) return cause;
  const reason = cause?.code ?? cause?.cause?.code;
  const [code, message] =
    name === 'TimeoutError'
      ? ['request_timeout', 'did not respond in time. Try again, or pass a longer timeout.']
      : [
          'connection_failed',
          `cannot be reached${reason ? ` (${reason})` : ''}. Check that it is running and that the URL is right.`,
        ];
  return new HeuristError(`${who} ${message}`, {
    code,
    isRetryable: true,
    task_id,
    cause: withoutRequest(error as Error),
  });
}

/** The request has the key in its headers or body, and logs print causes whole. */
function withoutRequest(error: Error): Error {
  if (!['request', 'response', 'options'].some((name) => name in error)) return error;
  const { name, message, stack, cause } = error;
  const plain = new Error(message, cause === undefined ? undefined : { cause });
  return Object.defineProperties(plain, { name: { value: name }, stack: { value: stack } });
}

function describeResponse(
  { status, headers }: Response,
  data: unknown,
  task_id: string | undefined,
  cause: unknown,
  authority: Authority,
): [message: string, options: HeuristErrorOptions] {
  const isOwn = isOwnError(data, headers, authority);
  const { code, message, error } = isOwn ? textsOf(data) : {};
  return [
    message ||
      error ||
      describePage(data, status) ||
      describeGateway(data, status) ||
      `The sequencer responded with status ${status}.`,
    {
      code: code ?? codeOf(status),
      status,
      isRetryable: errorCodes[code as WireErrorCode]?.isRetryable ?? (!isOwn || mayPass(status)),
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

/** JSON that is not a sequencer's. */
function describeGateway(data: unknown, status: number): string {
  const { message, error } = textsOf(data);
  const text = printableLine(message || error || '').slice(0, 80);
  return (
    text && `A gateway answered with status ${status} ("${text}"), not the sequencer. Check its address, and try again.`
  );
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
