import type { WireErrorCode } from '@heurist/core';

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
