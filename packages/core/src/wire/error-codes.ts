/**
 * The one table of error codes: HTTP status, and whether a retry of the same call can help. The sequencer responds with
 * `status`; the client reads `code`, or derives it from the status if the server sends none.
 */
export const errorCodes = {
  /** The request does not follow the protocol. */
  invalid_request: { status: 400, isRetryable: false },
  /** The task's parameters do not match the workflow's schema. */
  invalid_parameters: { status: 400, isRetryable: false },
  /** The sequencer has no workflow with this id or type. */
  unknown_workflow: { status: 400, isRetryable: false },
  /** The versions of the protocol are too far apart; the message says which side to update. */
  protocol_mismatch: { status: 400, isRetryable: false },
  /** The key is missing, wrong, revoked or expired. */
  unauthorized: { status: 401, isRetryable: false },
  /** The key is valid, but does not permit this, such as a miner's key in an app. The message names the role that is needed. */
  forbidden: { status: 403, isRetryable: false },
  /** No such call, file or task, or it belongs to another consumer. */
  not_found: { status: 404, isRetryable: false },
  /** The same `job_id` was used before for a different task. */
  job_id_conflict: { status: 409, isRetryable: false },
  /** The miner's lease has ended: the task is over, or another miner has it. */
  lease_lost: { status: 409, isRetryable: false },
  /** No connected miner can run the task, and the submit set `reject_if_unservable`, or the network refuses what must wait. */
  unservable: { status: 409, isRetryable: false },
  /** The consumer keeps as many bytes of files as its limit allows. Old files are deleted in days, so a retry soon does not help. */
  storage_quota_exceeded: { status: 409, isRetryable: false },
  /** The body or file is larger than the server accepts. */
  payload_too_large: { status: 413, isRetryable: false },
  /** Too many requests; `Retry-After` says when to retry. */
  rate_limited: { status: 429, isRetryable: true },
  /** The server failed. */
  internal: { status: 500, isRetryable: true },
  /** The server is starting, stopping or overloaded. */
  unavailable: { status: 503, isRetryable: true },
} as const;

/** A code that is sent over the wire. */
export type WireErrorCode = keyof typeof errorCodes;

/**
 * Every code that an error of this SDK can have. Codes of failed tasks (`input_unreachable`, `execution_failed`, ...) come
 * from miners, so other strings are possible.
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
