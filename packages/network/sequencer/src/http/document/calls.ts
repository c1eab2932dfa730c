import type { WireErrorCode } from '@heurist/core';
import {
  auditListSchema,
  auditReplySchema,
  fileCreateSchema,
  fileSlotSchema,
  heartbeatReplySchema,
  heartbeatsReplySchema,
  keyChangeSchema,
  keyCreateSchema,
  keyLimitSchema,
  keyListReplySchema,
  keyRevokeSchema,
  keyRotateReplySchema,
  keyRotateSchema,
  minerHeartbeatSchema,
  minerHeartbeatsSchema,
  minerRequestSchema,
  minerSubmitReplySchema,
  minerSubmitSchema,
  minerTaskSchema,
  minerUploadSchema,
  networkRequestSchema,
  resourceRequestSchema,
  revokedSessionsSchema,
  sessionCreateSchema,
  sessionRevokeSchema,
  sessionSchema,
  submissionSchema,
  taskCreateSchema,
  taskRefSchema,
  tasksCreateSchema,
  tasksEventsSchema,
  tasksQuerySchema,
  tasksReplySchema,
  uploadSlotSchema,
} from '@heurist/core/protocol';
import * as z from 'zod';
import { createdReply, createdTasksReply, networkReply, taskReply } from './replies.ts';

/** A call of the protocol, as documented. */
export interface Call {
  name: string;
  by: 'consumer' | 'miner' | 'operator';
  summary: string;
  request: z.core.$ZodType;
  reply: z.core.$ZodType;
  /** Media type of the reply, if it is not one JSON value. */
  stream?: 'text/event-stream';
  /** Error codes beside those that every call may answer with. */
  codes?: readonly WireErrorCode[];
}

export const calls: readonly Call[] = [
  {
    name: 'task_create',
    by: 'consumer',
    summary: 'Submits a task. The same job_id gets the same task.',
    request: taskCreateSchema,
    reply: createdReply,
    codes: ['invalid_parameters', 'unknown_workflow', 'job_id_conflict', 'unservable', 'storage_quota_exceeded'],
  },
  {
    name: 'task_result_query',
    by: 'consumer',
    summary: 'Returns the state of a task.',
    request: taskRefSchema,
    reply: taskReply,
    codes: ['not_found'],
  },
  {
    name: 'task_cancel',
    by: 'consumer',
    summary: 'Cancels a task that waits or runs.',
    request: taskRefSchema,
    reply: z.object({ task_id: z.string(), msg: z.string() }),
    codes: ['not_found'],
  },
  {
    name: 'task_events',
    by: 'consumer',
    summary: 'Streams the events of a task. Each one is its whole state; the stream ends with the task.',
    request: taskRefSchema,
    reply: taskReply,
    stream: 'text/event-stream',
    codes: ['not_found'],
  },
  {
    name: 'tasks_create',
    by: 'consumer',
    summary:
      'Submits many tasks, each as task_create would: the results are in the order of tasks, with the job_id of each. A task that is refused has error instead, and does not fail the others.',
    request: z.looseObject({ ...tasksCreateSchema.shape, tasks: z.array(submissionSchema).min(1) }),
    reply: createdTasksReply,
  },
  {
    name: 'tasks_query',
    by: 'consumer',
    summary:
      'Returns the states of many tasks, in the order of task_ids, without previews. A task that cannot be answered for has code and message instead.',
    request: tasksQuerySchema,
    reply: tasksReplySchema,
  },
  {
    name: 'tasks_events',
    by: 'consumer',
    summary:
      'Streams the events of many tasks. The first event says how many it follows, each other one is the whole state of a task, or its task_id with code not_found; the stream ends with the last task.',
    request: tasksEventsSchema,
    reply: taskReply,
    stream: 'text/event-stream',
  },
  {
    name: 'file_create',
    by: 'consumer',
    summary: 'Declares an input file. Put its bytes to upload_url, then pass url as a parameter.',
    request: fileCreateSchema,
    reply: fileSlotSchema,
    codes: ['storage_quota_exceeded'],
  },
  {
    name: 'session_create',
    by: 'consumer',
    summary:
      'Makes a session token for a web page, which uses it as its key until it expires. For servers: it needs the key itself.',
    request: sessionCreateSchema,
    reply: sessionSchema,
  },
  {
    name: 'session_revoke',
    by: 'consumer',
    summary:
      'Ends one session, or all sessions of an end user, before their time. Their tasks go on. Operators can call it for one session.',
    request: sessionRevokeSchema,
    reply: revokedSessionsSchema,
    codes: ['not_found'],
  },
  {
    name: 'network_status',
    by: 'consumer',
    summary: 'Returns the miners, queues and recent failures of the network.',
    request: networkRequestSchema,
    reply: networkReply,
  },
  {
    name: 'webhook_secret',
    by: 'consumer',
    summary: 'Returns the secret that signs your webhooks (Standard Webhooks).',
    request: networkRequestSchema,
    reply: z.object({ secret: z.string() }),
  },
  {
    name: 'resource_request',
    by: 'consumer',
    summary: 'For clients of the reference implementation only. Tasks can be submitted without it.',
    request: resourceRequestSchema,
    reply: z.object({ miner_id: z.string(), msg: z.string() }),
    codes: ['unknown_workflow'],
  },
  {
    name: 'miner_request',
    by: 'miner',
    summary: 'Claims a task. Waits up to wait_seconds for one (long poll).',
    request: minerRequestSchema,
    reply: minerTaskSchema,
  },
  {
    name: 'miner_heartbeat',
    by: 'miner',
    summary: 'Renews a lease and reports progress.',
    request: minerHeartbeatSchema,
    reply: heartbeatReplySchema,
    codes: ['lease_lost'],
  },
  {
    name: 'miner_heartbeats',
    by: 'miner',
    summary:
      'Renews many leases. Each is answered by itself, in order. With wait_seconds, the answer is held until a task must stop, or the next heartbeat is due.',
    request: minerHeartbeatsSchema,
    reply: heartbeatsReplySchema,
  },
  {
    name: 'miner_upload',
    by: 'miner',
    summary: 'Declares an output file. Put its bytes to upload_url before the submit.',
    request: minerUploadSchema,
    reply: uploadSlotSchema,
    codes: ['lease_lost'],
  },
  {
    name: 'miner_submit',
    by: 'miner',
    summary: 'Ends an attempt. A repeated submit changes nothing.',
    request: minerSubmitSchema,
    reply: minerSubmitReplySchema,
    codes: ['lease_lost', 'not_found'],
  },
  {
    name: 'key_create',
    by: 'operator',
    summary: 'Creates a key. It is returned once, and stored hashed.',
    request: keyCreateSchema,
    reply: z.object({ key: z.string(), key_id: z.string() }),
  },
  {
    name: 'key_list',
    by: 'operator',
    summary: 'Lists keys. Secrets are never shown.',
    request: z.looseObject({}),
    reply: keyListReplySchema,
  },
  {
    name: 'key_limit',
    by: 'operator',
    summary: 'Sets limits of an owner (role and owner) or of one key (key_id); null takes one back.',
    request: keyLimitSchema,
    reply: z.object({ msg: z.string() }),
    codes: ['not_found'],
  },
  {
    name: 'key_change',
    by: 'operator',
    summary: 'Changes limits of one key, and when it expires; null takes either back.',
    request: keyChangeSchema,
    reply: z.object({ key_id: z.string(), msg: z.string() }),
    codes: ['not_found'],
  },
  {
    name: 'key_rotate',
    by: 'operator',
    summary:
      'Creates a key in the place of another, with its owner, role and limits. The old one stays good for overlap_seconds.',
    request: keyRotateSchema,
    reply: keyRotateReplySchema,
    codes: ['not_found'],
  },
  {
    name: 'key_revoke',
    by: 'operator',
    summary: 'Revokes a key.',
    request: keyRevokeSchema,
    reply: z.object({ key_id: z.string(), msg: z.string() }),
    codes: ['not_found'],
  },
  {
    name: 'audit_list',
    by: 'operator',
    summary: 'Lists what operators did, the newest first, in pages.',
    request: auditListSchema,
    reply: auditReplySchema,
  },
];

/** The names of the calls that some may make. */
export function callsOf(by: Call['by']): ReadonlySet<string> {
  return new Set(calls.filter((call) => call.by === by).map(({ name }) => name));
}
