import type { WireErrorCode } from '@heurist/core';
import { loadProtocol } from '../core.ts';

interface More {
  task_id?: string | undefined;
  /** Seconds. */
  retry_after?: number | undefined;
}

/** A call that ends with an error of the protocol. */
export class Refusal extends Error {
  readonly code: WireErrorCode;
  readonly more: More;

  constructor(code: WireErrorCode, message: string, more: More = {}) {
    super(message);
    this.code = code;
    this.more = more;
  }
}

/** The body of the error that a query for an unknown task gets. */
export function noTask(task_id: string) {
  return { code: 'not_found' as const, message: `There is no task ${task_id}.`, task_id };
}

/** How an error is answered. */
export interface ErrorReply {
  status: number;
  body: { code: string; message: string; task_id?: string };
  /** Seconds. */
  retry_after: number | undefined;
}

/** What a call that throws this is answered. */
export async function describeError(error: unknown): Promise<ErrorReply> {
  const { errorCodes } = await loadProtocol();
  const { code, message, more = {} } = error as Refusal;
  if (!Object.hasOwn(errorCodes, code ?? '')) {
    const body = { code: 'internal', message: `The test sequencer failed: ${message}` };
    return { status: 500, body, retry_after: undefined };
  }
  const { task_id, retry_after } = more;
  return { status: errorCodes[code].status, body: { code, message, ...(task_id && { task_id }) }, retry_after };
}
