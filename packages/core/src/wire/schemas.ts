import * as z from 'zod/mini';
import {
  anyNumber,
  anyText,
  contentType,
  exactObject,
  flag,
  id,
  listOf,
  MODEL_KEY_CHARACTERS,
  MOST_OUTPUTS,
  mapOf,
  nullish,
  number,
  object,
  oneOf,
  optionalText,
  RESULT_TEXT_CHARACTERS,
  shownMap,
  shownText,
  text,
  wholeNumber,
} from './fields.ts';
import { mustBe } from './messages.ts';

// Requests, as a sequencer accepts them. Required fields are checked strictly. Unknown fields are ignored, since the
// protocol's reference clients send some of their own. Facts: docs/protocol.md.

/** Identifies a consumer in a body; an `Authorization: Bearer` header may replace both. */
const consumer = { consumer_id: optionalText, api_key: optionalText };

/** A server that calls for one of its end users: it then sees only what was submitted for the same one. */
const forUser = { ...consumer, user_id: nullish(id) };

/** Body of `resource_request`, the call of reference clients. */
export const resourceRequestSchema = object({ ...consumer, workflow_id: optionalText, task_type: optionalText });

/** Body of `network_status`. */
export const networkRequestSchema = object({ ...consumer });

const detailsError = mustBe('a JSON object, or the text of one');
const secondsError = mustBe('a number of seconds above 0 and at most 86400');

/** A task as it is submitted, by whomever. */
const submission = {
  task_type: id,
  /** `{ parameters }`; the reference also sends `{ prompt }` or a JSON text of either. */
  task_details: z.union([z.string(), z.record(z.string(), z.unknown())], { error: detailsError }),
  job_id: nullish(id),
  workflow_id: nullish(id),
  timeout_seconds: nullish(
    z
      .number({ error: secondsError })
      .check(z.positive({ error: secondsError }), z.maximum(86_400, { error: secondsError })),
  ),
  /** Where to report the end: a signed message, see `webhooks`. */
  webhook_url: nullish(text(2000)),
  /** Its place among the consumer's own tasks. */
  priority: nullish(oneOf('low', 'normal', 'high')),
  /** Refuse a task that no live miner can run, instead of queueing it. */
  reject_if_unservable: nullish(flag),
};

/** Body of `task_create`. */
export const taskCreateSchema = object({ ...forUser, ...submission });

/** One of many tasks that are submitted together. */
export const submissionSchema = object(submission);

/** Body of the calls about one task: `task_result_query`, `task_events`, `task_cancel`. */
export const taskRefSchema = object({ ...forUser, task_id: id });

/** Far above what any limit means. */
const MOST_TASKS = 10_000;

/** Each one must fit {@link submissionSchema}, and is checked alone: one that does not must not fail the others. */
export const tasksCreateSchema = object({ ...forUser, tasks: listOf(z.unknown(), MOST_TASKS, 1) });

/** Body of `tasks_query`. */
export const tasksQuerySchema = object({ ...forUser, task_ids: listOf(id, MOST_TASKS, 1) });

/** Body of `tasks_events`. */
export const tasksEventsSchema = object({
  ...forUser,
  /**
   * Each with the `id` of the last event that the caller has of it: the stream begins with what changed since. With `ends_only`, only
   * its end comes.
   */
  tasks: listOf(object({ task_id: id, last_event_id: nullish(id), ends_only: nullish(flag) }), MOST_TASKS, 1),
});

const MOST_NAMED = 20;

/** Body of `session_create`. */
export const sessionCreateSchema = object({
  ...forUser,
  /** Workflows that may be submitted with the session. */
  workflow_ids: z.optional(listOf(id, MOST_NAMED)),
  /** Types of tasks that may be submitted, whatever their workflow. One of both lists must not be empty. */
  task_types: z.optional(listOf(id, MOST_NAMED)),
  /** Tasks that may be submitted in all. Default 10. */
  max_tasks: z.optional(wholeNumber('a whole number of tasks from 1 to 1000000', { min: 1, max: 1_000_000 })),
  /** Files that may be uploaded in all. Default four for each task. */
  max_files: z.optional(wholeNumber('a whole number of files from 0 to 1000000', { min: 0, max: 1_000_000 })),
  /** Seconds until it ends. Default 900. */
  expires_in: z.optional(wholeNumber('a whole number of seconds from 1 to 604800', { min: 1, max: 604_800 })),
  /** Whether it sees every task of `user_id`, also of the user's other sessions of this kind. Default: only its own. */
  sees_user: z.optional(flag),
});

/** Ends one session, or all sessions of an end user; with both, the session only if it is of that user. */
export const sessionRevokeSchema = object({ ...forUser, session_id: z.optional(id) });

function hash() {
  const error = mustBe('a SHA-256 in 64 lower-case hexadecimal digits');
  return z.string({ error }).check(z.regex(/^[0-9a-f]{64}$/, { error }));
}

/** Body of `file_create`. */
export const fileCreateSchema = object({
  ...consumer,
  content_type: contentType,
  bytes: wholeNumber('a whole number of bytes, 1 or more', { min: 1 }),
  /** Of the content: the same one need not be uploaded twice. */
  sha256: nullish(hash()),
  /** What it is for, if that is known: one that the parameter does not take is refused before it is sent. */
  task_type: nullish(id),
  workflow_id: nullish(id),
  parameter: nullish(id),
});

const heldModel = exactObject({
  /** As an answer to a claim named it. */
  key: shownText(MODEL_KEY_CHARACTERS, 1),
  /** What loading it costs this miner, as measured. */
  load_ms: z.optional(number('a number of milliseconds, 0 or more', { min: 0 })),
});

/** Body of `miner_request`: a claim. */
export const minerRequestSchema = object({
  /** Sent by reference miners; ours are identified by their key. */
  erc20_address: nullish(shownText(100)),
  workflow_ids: listOf(id, 1000, 1),
  /** Seconds to hold the request open while there is nothing to do. Default 0, as the reference expects. */
  wait_seconds: z.optional(number('a number of seconds from 0 to 60', { min: 0, max: 60 })),
  /** Chosen by the miner: a claim that is sent again with the same id gets the same task again. */
  claim_id: z.optional(id),
  /** How many tasks its machine works on at the same time: it may hold twice as many. */
  slots: z.optional(wholeNumber('a whole number from 1 to 1000', { min: 1, max: 1000 })),
  /** Chosen by the miner: which of the machines that share its key it is. */
  machine_id: z.optional(text(100, 1)),
  /** Workflow id -> what the miner's ComfyUI lacks to run it. Sent once, and again after contact was lost. */
  lacks: z.optional(mapOf(listOf(shownText(1000), 100), 200, 1)),
  /** The models that its ComfyUI holds, most recent first. Left out: it does not know. */
  warm: z.optional(listOf(heldModel, 100)),
});

const PREVIEW_CHARACTERS = 400_000;
const previewError = mustBe(`a PNG, JPEG, WebP or GIF as a data: URL of at most ${PREVIEW_CHARACTERS} characters`);
const progress = exactObject({
  percent: number('a number from 0 to 100', { min: 0, max: 100 }),
  node: z.optional(shownText(200)),
  preview: z.optional(
    z
      .string({ error: previewError })
      .check(
        z.maxLength(PREVIEW_CHARACTERS, { error: previewError }),
        z.regex(/^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]*=*$/, { error: previewError }),
      ),
  ),
});

/** Body of `miner_heartbeat`. */
export const minerHeartbeatSchema = object({ lease_id: anyText, progress: z.optional(progress) });

/** Each of them as one of its own; the sequencer's limit of leases in one call is lower. */
export const minerHeartbeatsSchema = object({
  heartbeats: listOf(z.unknown(), 10_000, 1),
  /** Seconds to hold the answer while there is nothing to say. Default 0. */
  wait_seconds: z.optional(number('a number of seconds from 0 to 60', { min: 0, max: 60 })),
});

/** As far as a PNG can say. */
const side = z.optional(wholeNumber('a whole number of pixels', { min: 0, max: 2 ** 32 - 1 }));
const outputFile = {
  filename: shownText(255, 1),
  kind: oneOf('image', 'video', 'audio', 'text', 'file'),
  content_type: contentType,
  bytes: wholeNumber('a whole number of bytes, 0 or more', { min: 0 }),
  sha256: hash(),
  node_id: z.optional(shownText(200, 1)),
  width: side,
  height: side,
  /** What it says, for the kind `text`: its beginning, if it is cut. */
  text: z.optional(shownText(RESULT_TEXT_CHARACTERS)),
  truncated: z.optional(flag),
};

/** Body of `miner_upload`: the miner announces an output. */
export const minerUploadSchema = object({ lease_id: anyText, ...outputFile });

const version = shownText(200);
const modelVersion = exactObject({ bytes: anyNumber, modified_at: version });
const versions = exactObject({
  comfyui: version,
  pytorch: z.optional(version),
  nodes: z.optional(shownMap(version, 200)),
  models: z.optional(shownMap(modelVersion, 200, 1000)),
});

/** What it ran with is shown to the consumer: no larger than what a consumer sends. */
const parametersError = mustBe('a JSON object of at most 200000 characters');
const parameters = z
  .record(z.string(), z.unknown(), { error: parametersError })
  .check(z.refine((map) => JSON.stringify(map).length <= 200_000, { error: parametersError }));

/** Body of `miner_submit`: the miner delivers a result. */
export const minerSubmitSchema = object({
  success: flag,
  /** Ours. */
  lease_id: z.optional(anyText),
  artifact_ids: z.optional(listOf(anyText, MOST_OUTPUTS)),
  /** The workflow made more outputs than these, which are the first. */
  truncated: z.optional(flag),
  parameters: z.optional(parameters),
  models: z.optional(shownMap(shownText(500), 200)),
  /** What it ran with. */
  versions: z.optional(versions),
  error: z.optional(
    exactObject({
      code: shownText(100),
      message: shownText(5000),
      truncated: z.optional(flag),
      is_retryable: z.optional(flag),
      node_id: z.optional(shownText(200)),
      node_type: z.optional(shownText(200)),
    }),
  ),
  /** Reference miners send these three, and identify the task by them. */
  task_id: optionalText,
  miner_id: nullish(shownText(100)),
  result: nullish(shownText(5000)),
  msg: nullish(shownText(5000)),
  /** Seconds. */
  inference_latency: nullish(anyNumber),
  upload_latency: nullish(anyNumber),
  /** Ours: of the run, how long inputs were fetched and models or files loaded. */
  load_latency: nullish(anyNumber),
  /** Of that, how long the models of the graph were loaded: 0 if they were in memory. */
  model_load_latency: nullish(anyNumber),
});

const limit = z.optional(wholeNumber('a whole number from 1 to 1000000', { min: 1, max: 1_000_000 }));

const role = oneOf('consumer', 'miner', 'operator');

const timeError = mustBe('a time in ISO 8601, such as 2027-01-01T00:00:00Z');
const time = z.string({ error: timeError }).check(z.refine(isTime, { error: timeError }));

/** A date, or a time with its zone, of years that every database takes. */
function isTime(text: string): boolean {
  return (
    /^[12]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
/** Far above what any limit means. */
const limitValue = wholeNumber('a whole number from 1 to 1000000000000000', { min: 1, max: 1e15 });
const MOST_LIMITS = 100;

/** Body of `key_create`. */
export const keyCreateSchema = object({
  role,
  owner: id,
  /** Tasks of a consumer that may wait or run at the same time. */
  max_open_tasks: limit,
  /** Submits of a consumer per minute. */
  max_tasks_per_minute: limit,
  /** Any limits, by their names. */
  limits: z.optional(shownMap(limitValue, MOST_LIMITS, 60)),
  /** When the key ends by itself. Default: never. */
  expires_at: z.optional(time),
});

/** Changes one key. `null` takes a limit, or the end, back. */
export const keyChangeSchema = object({
  key_id: id,
  limits: z.optional(shownMap(z.nullable(limitValue), MOST_LIMITS, 60)),
  expires_at: nullish(time),
});

/** Makes a key in the place of another, which stays good for a while. */
export const keyRotateSchema = object({
  key_id: id,
  /** For how long. Default a day. */
  overlap_seconds: z.optional(wholeNumber('a whole number of seconds from 0 to 31536000', { min: 0, max: 31_536_000 })),
  /** When the new key ends; `null` for never. Default: when the old one would have ended. */
  expires_at: nullish(time),
});

/** What operators did, the newest first. */
export const auditListSchema = object({
  since: z.optional(time),
  until: z.optional(time),
  /** The owner of an operator's key, or `process:NAME`. */
  actor: z.optional(id),
  /** Such as `key_create`. */
  action: z.optional(id),
  /** `next` of the page before. */
  before: z.optional(wholeNumber('the number `next` of the page before', { min: 1, max: 2 ** 53 - 1 })),
  /** Entries of a page. Default 100. */
  limit: z.optional(wholeNumber('a whole number from 1 to 1000', { min: 1, max: 1000 })),
});

/** Sets limits of an owner (`role` and `owner`) or of one key (`key_id`). `null` takes a limit back. */
export const keyLimitSchema = object({
  key_id: z.optional(id),
  role: z.optional(role),
  owner: z.optional(id),
  limits: shownMap(z.nullable(limitValue), MOST_LIMITS, 60),
});

/** Body of `key_revoke`. */
export const keyRevokeSchema = object({ key_id: id });

// Replies. A reply that does not fit is reported by the name of its field alone, so these need no messages.

const putAside = z.looseObject({
  workflow_id: z.string(),
  until: z.optional(z.string()),
  failures: z.number(),
  codes: z.array(z.string()),
});

/** Reply to `key_list`. */
export const keyListReplySchema = z.looseObject({
  keys: z.array(
    z.looseObject({
      key_id: z.string(),
      role: z.string(),
      owner: z.string(),
      created_at: z.string(),
      /** When it ends, or has ended. Missing: never. */
      expires_at: z.optional(z.string()),
      /** When it was used last, to the minute. */
      used_at: z.optional(z.string()),
      max_open_tasks: z.optional(z.number()),
      max_tasks_per_minute: z.optional(z.number()),
      /** Of a miner: see `network_status`. */
      put_aside: z.optional(z.array(putAside)),
      /** Limits that are not the network's, by name: the value, and whether the key, its owner or another key sets it. */
      limits: z.optional(z.record(z.string(), z.looseObject({ value: z.number(), from: z.string() }))),
    }),
  ),
  /** What applies to keys that set no limit. Sequencers of version 0.1 send none. */
  limits: z.optional(z.record(z.string(), z.number())),
});

/** Reply to `key_rotate`. */
export const keyRotateReplySchema = z.looseObject({
  /** `owner#key`: the only time that it can be read. */
  key: z.string(),
  key_id: z.string(),
  /** When it ends. Missing: never. */
  expires_at: z.optional(z.string()),
  /** When the old one ends. */
  old_expires_at: z.string(),
});

/** Reply to `audit_list`. */
export const auditReplySchema = z.looseObject({
  entries: z.array(
    z.looseObject({
      audit_id: z.number(),
      at: z.string(),
      /** The owner of the operator's key, or `process:` and a user for what a process did without a key. */
      actor: z.string(),
      key_id: z.nullable(z.string()),
      action: z.string(),
      target: z.record(z.string(), z.unknown()),
      /** `ok`, or the code of the error. */
      outcome: z.string(),
    }),
  ),
  /** For `before`, if there are more. */
  next: z.optional(z.number()),
});

// As a miner reads them: only what it needs.

/** Reply to `miner_request`. */
export const minerTaskSchema = z.looseObject({
  task_id: z.nullable(z.string()),
  msg: z.optional(z.nullable(z.string())),
  /** The miner gets no tasks of some workflows for now, or few; `msg` says why. */
  put_aside: z.optional(z.array(z.unknown())),
  lease_id: z.optional(z.string()),
  /** Seconds between two heartbeats. */
  heartbeat_seconds: z.optional(z.number()),
  /** Parent of the task's spans, as W3C Trace Context. */
  traceparent: z.optional(z.string()),
  workflow_id: z.optional(z.string()),
  task_type: z.optional(z.string()),
  /** The models that the task needs, as a miner names them when it says what it holds. */
  model_key: z.optional(z.string()),
  task_details: z.optional(z.record(z.string(), z.unknown())),
  /** Where files of the network are: its public address, and that of its storage. */
  file_origins: z.optional(z.array(z.string())),
  /** How many outputs it may have. Missing, as with sequencers of before: as many as a report can name. */
  max_outputs: z.optional(z.number()),
});

/** Reply to `miner_heartbeat`. */
export const heartbeatReplySchema = z.looseObject({
  cancel: z.boolean(),
  /** Seconds until the next heartbeat, from when this one was sent. Missing, as with sequencers of before: as the claim said. */
  heartbeat_seconds: z.optional(z.number()),
});

/** For each lease, in order, what its own heartbeat would be answered. */
export const heartbeatsReplySchema = z.looseObject({
  results: z.array(
    z.looseObject({
      cancel: z.optional(z.boolean()),
      heartbeat_seconds: z.optional(z.number()),
      /** In place of the others: `lease_lost` if another miner has the task. */
      error: z.optional(z.looseObject({ code: z.string(), message: z.string(), status: z.optional(z.number()) })),
    }),
  ),
});

/** Reply to `miner_submit`. */
export const minerSubmitReplySchema = z.looseObject({ task_id: z.string(), msg: z.optional(z.nullable(z.string())) });

/** The parameters of a task, from any of the forms that the reference protocol allows. */
export function parametersOf(details: string | Record<string, unknown>): Record<string, unknown> {
  const value = typeof details === 'string' ? JSON.parse(details) : details;
  if (value?.parameters !== undefined) return value.parameters;
  return value ?? {};
}
