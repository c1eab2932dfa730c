import * as z from 'zod/mini';

// Requests, as a sequencer takes them: strict in what they must have, loose in what they may have besides, since the
// reference clients of the protocol send fields of their own. Facts: docs/protocol.md.

const id = z.string().check(z.minLength(1), z.maxLength(200));
/** It becomes a header of the file's own answers. */
const contentType = z.string().check(z.maxLength(100), z.regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;[\x20-\x7e]*)?$/));
const optionalText = z.optional(z.nullable(z.string()));

/** What identifies a consumer in a body; `Authorization: Bearer` may stand in for both. */
const consumer = { consumer_id: optionalText, api_key: optionalText };

export const resourceRequestSchema = z.looseObject({ ...consumer, workflow_id: optionalText, task_type: optionalText });

export const networkRequestSchema = z.looseObject({ ...consumer });

export const taskCreateSchema = z.looseObject({
  ...consumer,
  task_type: id,
  /** `{ parameters }`; the reference also sends `{ prompt }` or a JSON text of either. */
  task_details: z.union([z.string(), z.record(z.string(), z.unknown())]),
  job_id: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(200)))),
  workflow_id: z.optional(z.nullable(id)),
  timeout_seconds: z.optional(z.nullable(z.number().check(z.positive(), z.maximum(86_400)))),
  /** Where to tell of the end: a signed message, see `webhooks`. */
  webhook_url: z.optional(z.nullable(z.string().check(z.maxLength(2000)))),
  /** Its place among the consumer's own tasks. */
  priority: z.optional(z.nullable(z.enum(['low', 'normal', 'high']))),
  /** Refuse a task that no live miner can run, rather than let it wait for one. */
  reject_if_unservable: z.optional(z.nullable(z.boolean())),
});

export const taskRefSchema = z.looseObject({ ...consumer, task_id: id });

export const fileCreateSchema = z.looseObject({
  ...consumer,
  content_type: contentType,
  bytes: z.int().check(z.positive()),
});

export const minerRequestSchema = z.looseObject({
  /** Set by reference miners; ours are known by their key. */
  erc20_address: optionalText,
  workflow_ids: z.array(id).check(z.minLength(1), z.maxLength(1000)),
  /** Seconds to hold the request open while there is nothing to do. Default 0, as the reference expects. */
  wait_seconds: z.optional(z.number().check(z.minimum(0), z.maximum(60))),
  /** Of the miner's choice: a claim that is sent again under the same id gets the same task again. */
  claim_id: z.optional(id),
  /** Workflow id -> what the miner's ComfyUI lacks to run it. Said once, and again when contact was lost. */
  lacks: z.optional(z.record(id, z.array(z.string().check(z.maxLength(1000))).check(z.maxLength(100)))),
});

const progress = z.looseObject({
  percent: z.number().check(z.minimum(0), z.maximum(100)),
  node: z.optional(z.string().check(z.maxLength(200))),
  preview: z.optional(z.string().check(z.maxLength(400_000), z.startsWith('data:image/'))),
});

export const minerHeartbeatSchema = z.looseObject({ lease_id: z.string(), progress: z.optional(progress) });

const outputFile = {
  filename: z.string().check(z.minLength(1), z.maxLength(255)),
  kind: z.enum(['image', 'video', 'audio', 'text', 'file']),
  content_type: contentType,
  bytes: z.int().check(z.minimum(0)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  node_id: z.optional(id),
  width: z.optional(z.int()),
  height: z.optional(z.int()),
};

export const minerUploadSchema = z.looseObject({ lease_id: z.string(), ...outputFile });

const version = z.string().check(z.maxLength(200));
const versions = z.looseObject({
  comfyui: version,
  pytorch: z.optional(version),
  nodes: z.optional(z.record(version, version)),
  models: z.optional(
    z.record(z.string().check(z.maxLength(1000)), z.object({ bytes: z.number(), modified_at: version })),
  ),
});

export const minerSubmitSchema = z.looseObject({
  success: z.boolean(),
  /** Ours. */
  lease_id: z.optional(z.string()),
  artifact_ids: z.optional(z.array(z.string()).check(z.maxLength(1000))),
  parameters: z.optional(z.record(z.string(), z.unknown())),
  models: z.optional(z.record(z.string(), z.string())),
  /** What it was run with. */
  versions: z.optional(versions),
  error: z.optional(
    z.looseObject({
      code: z.string().check(z.maxLength(100)),
      message: z.string().check(z.maxLength(5000)),
      is_retryable: z.optional(z.boolean()),
      node_id: z.optional(z.string()),
      node_type: z.optional(z.string()),
    }),
  ),
  /** Reference miners send these three, and identify the task by them. */
  task_id: optionalText,
  miner_id: optionalText,
  result: optionalText,
  msg: optionalText,
  /** Seconds. */
  inference_latency: z.optional(z.nullable(z.number())),
  upload_latency: z.optional(z.nullable(z.number())),
});

const limit = z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000)));

export const keyCreateSchema = z.looseObject({
  role: z.enum(['consumer', 'miner', 'operator']),
  owner: id,
  /** Tasks of a consumer that wait or run at the same time. */
  max_open_tasks: limit,
  /** Submits of a consumer within a minute. */
  max_tasks_per_minute: limit,
});

export const keyRevokeSchema = z.looseObject({ key_id: id });

export const keyListReplySchema = z.looseObject({
  keys: z.array(
    z.looseObject({
      key_id: z.string(),
      role: z.string(),
      owner: z.string(),
      created_at: z.string(),
      max_open_tasks: z.optional(z.number()),
      max_tasks_per_minute: z.optional(z.number()),
    }),
  ),
});

// Replies, as a miner reads them: only what it needs.

export const minerTaskSchema = z.looseObject({
  task_id: z.nullable(z.string()),
  msg: optionalText,
  lease_id: z.optional(z.string()),
  /** Seconds between two heartbeats. */
  heartbeat_seconds: z.optional(z.number()),
  /** What the spans of the task belong to, in the form of W3C Trace Context. */
  traceparent: z.optional(z.string()),
  workflow_id: z.optional(z.string()),
  task_type: z.optional(z.string()),
  task_details: z.optional(z.record(z.string(), z.unknown())),
});

export const heartbeatReplySchema = z.looseObject({ cancel: z.boolean() });

export const minerSubmitReplySchema = z.looseObject({ task_id: z.string(), msg: optionalText });

/** What a task carries, out of any of the forms that the reference protocol has for it. */
export function parametersOf(details: string | Record<string, unknown>): Record<string, unknown> {
  const value = typeof details === 'string' ? JSON.parse(details) : details;
  if (value?.parameters !== undefined) return value.parameters;
  return value ?? {};
}
