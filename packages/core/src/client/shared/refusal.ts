import { errorCodes, type WireErrorCode } from '../../wire/error-codes.ts';
import { HeuristError } from '../../wire/errors.ts';
import { mayPass } from '../../wire/http-error.ts';

/**
 * The error that stands in a reply about many tasks, as the call about this task alone would have rejected: the body of its error,
 * and in some replies its status. `undefined` for anything else.
 */
export function readRefusal(body: unknown): HeuristError | undefined {
  const { code, message, task_id, status: said } = (body ?? {}) as Record<string, unknown>;
  if (typeof code !== 'string') return undefined;
  const known = Object.hasOwn(errorCodes, code) ? errorCodes[code as WireErrorCode] : undefined;
  const status = typeof said === 'number' ? said : known?.status;
  return new HeuristError(typeof message === 'string' ? message : `The sequencer answered ${code}.`, {
    code,
    status,
    // a code of a later version: only its status can say that trying again is useless
    isRetryable: known?.isRetryable ?? (status === undefined || mayPass(status)),
    task_id: typeof task_id === 'string' ? task_id : undefined,
  });
}

/** Each caller that shares a failed call gets an error of its own, which may name its task and be changed. */
export function copyOf(error: unknown, task_id?: string): unknown {
  if (!HeuristError.isInstance(error)) return error;
  const { message, code, isRetryable, status } = error;
  return new HeuristError(message, { code, isRetryable, status, task_id, cause: error });
}

/** The sequencer answers, and says that it is to be asked later. */
export function isBusy({ status, code }: HeuristError): boolean {
  return status === 429 || status === 503 || code === 'rate_limited' || code === 'unavailable';
}

/** The sequencer takes fewer tasks at once, or a smaller body. */
export function isTooMuch({ status, code }: HeuristError): boolean {
  return status === 413 || code === 'invalid_request' || code === 'payload_too_large';
}

/** The sequencer itself says that it does not know the call. */
export function isMissing({ code, isRetryable }: HeuristError): boolean {
  return code === 'not_found' && !isRetryable;
}
