/**
 * The one table of error codes: what each means over HTTP, and whether trying the same call again can help.
 * The sequencer answers with `status`; the client reads `code` back, or finds it by status where a server sends none.
 */
export const errorCodes = {
  /** The request is not of the protocol's form. */
  invalid_request: { status: 400, isRetryable: false },
  /** The task's parameters do not fit the workflow's schema. */
  invalid_parameters: { status: 400, isRetryable: false },
  /** The sequencer has no workflow of this id or type. */
  unknown_workflow: { status: 400, isRetryable: false },
  /** The key is missing, wrong or revoked. */
  unauthorized: { status: 401, isRetryable: false },
  /** The key is good, but not for this. */
  forbidden: { status: 403, isRetryable: false },
  /** No such call, file or task, or it belongs to somebody else. */
  not_found: { status: 404, isRetryable: false },
  /** The same `job_id` was used before for a different task. */
  job_id_conflict: { status: 409, isRetryable: false },
  /** The miner's lease is over: the task ended, or another miner has it. */
  lease_lost: { status: 409, isRetryable: false },
  /** No live miner can run the task, and it was asked not to wait for one. */
  unservable: { status: 409, isRetryable: false },
  /** The body or file is larger than the server takes. */
  payload_too_large: { status: 413, isRetryable: false },
  /** Too many requests; `Retry-After` says when. */
  rate_limited: { status: 429, isRetryable: true },
  /** The server failed. */
  internal: { status: 500, isRetryable: true },
  /** The server is starting, stopping or overloaded. */
  unavailable: { status: 503, isRetryable: true },
} as const;

/** A code that crosses the wire. */
export type WireErrorCode = keyof typeof errorCodes;

/**
 * Every code that an error of this SDK can carry. Codes of failed tasks (`input_unreachable`, `execution_failed`, ...)
 * come from miners, so the set stays open.
 */
export type ErrorCode =
  | WireErrorCode
  | 'invalid_configuration'
  | 'invalid_input'
  | 'invalid_reply'
  | 'connection_failed'
  | 'request_timeout'
  | 'invalid_signature'
  | 'aborted'
  | 'task_failed'
  | 'task_canceled'
  | 'task_timeout'
  | (string & {});
