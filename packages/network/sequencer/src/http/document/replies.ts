// The replies that programs read most, with all fields that this sequencer sends: the client itself checks only those that it uses.
import { type NetworkStatus, type OutputDescription, TASK_STATUSES, type WorkflowTaskResult } from '@heurist/core';
import * as z from 'zod';
import { errorSchema } from './responses.ts';

const time = z.iso.datetime();
const count = z.int().min(0);

const output = z.looseObject({
  url: z.url().describe('Signed, and valid for a limited time: keep the file rather than the address.'),
  kind: z.enum(['image', 'video', 'audio', 'text', 'file']),
  content_type: z.string(),
  bytes: count,
  sha256: z.string(),
  filename: z.string(),
  node_id: z.string().exactOptional(),
  width: count.exactOptional(),
  height: count.exactOptional(),
  text: z.string().exactOptional().describe('What it says, for the kind `text`: its first 10,000 characters.'),
  truncated: z.boolean().exactOptional().describe('Whether `text` is only the beginning.'),
});

const failure = z.looseObject({
  code: z.string().describe('Stable: branch on it.'),
  message: z.string(),
  truncated: z.boolean().exactOptional().describe('Whether the message is only the beginning.'),
  is_retryable: z.boolean().exactOptional(),
  node_id: z.string().exactOptional(),
  node_type: z.string().exactOptional(),
});

const milliseconds = z.number().min(0).exactOptional();

export const taskReply: z.ZodType<WorkflowTaskResult<OutputDescription>> = z.looseObject({
  task_id: z.string(),
  status: z.enum(TASK_STATUSES),
  result: z.any().exactOptional().describe('The address of the first output, once the task has finished.'),
  workflow_id: z.string().exactOptional(),
  queue_position: count.exactOptional().describe('Tasks that go first; 0 is next.'),
  warning: z.string().exactOptional(),
  eta_seconds: z.number().exactOptional(),
  progress: z
    .looseObject({
      percent: z.number().min(0).max(100),
      node: z.string().exactOptional(),
      preview: z.string().exactOptional(),
    })
    .exactOptional(),
  outputs: z.array(output).exactOptional(),
  truncated: z.boolean().exactOptional().describe('Whether the workflow made more outputs: these are the first.'),
  text: z.string().exactOptional().describe('What the workflow said: the texts of its outputs.'),
  error: failure.exactOptional(),
  timings: z
    .looseObject({
      queued_ms: milliseconds,
      run_ms: milliseconds,
      load_ms: milliseconds,
      upload_ms: milliseconds,
      total_ms: milliseconds,
    })
    .exactOptional(),
  parameters: z.record(z.string(), z.unknown()).exactOptional(),
  models: z.record(z.string(), z.string()).exactOptional(),
  versions: z
    .looseObject({
      comfyui: z.string(),
      pytorch: z.string().exactOptional(),
      nodes: z.record(z.string(), z.string()).exactOptional(),
      models: z.record(z.string(), z.looseObject({ bytes: z.number(), modified_at: z.string() })).exactOptional(),
    })
    .exactOptional(),
  attempt: count.exactOptional(),
  history: z
    .array(z.looseObject({ attempt: count, miner_id: z.string(), code: z.string(), ended_at: time }))
    .exactOptional(),
});

export const createdReply = z.object({
  task_id: z.string(),
  warning: z.optional(z.string()),
  eta_seconds: z.optional(z.number()),
});

const refusal = errorSchema.extend({
  status: z.int().describe('The status that task_create would have answered with.'),
  retry_after: z.int().exactOptional().describe('Seconds until the next attempt makes sense.'),
});

export const createdTasksReply = z.object({
  results: z.array(
    createdReply.partial().extend({
      job_id: z.string().exactOptional(),
      error: refusal.exactOptional().describe('In place of task_id.'),
    }),
  ),
});

export const networkReply: z.ZodType<NetworkStatus> = z.looseObject({
  miners: z.array(
    z.looseObject({
      miner_id: z.string(),
      is_busy: z.boolean(),
      workflow_ids: z.array(z.string()),
      lacks: z.record(z.string(), z.array(z.string())),
      put_aside: z
        .array(
          z.looseObject({
            workflow_id: z.string(),
            until: z.string().exactOptional(),
            failures: count,
            codes: z.array(z.string()),
          }),
        )
        .exactOptional(),
      models: z.array(z.string()).exactOptional(),
    }),
  ),
  workflows: z.array(
    z.looseObject({
      workflow_id: z.string(),
      task_type: z.string(),
      title: z.string(),
      miners: count,
      waiting: count,
      running: count,
      finished: count,
      failed: count,
      run_ms: milliseconds,
      models: z.looseObject({ warm: count, cold: count, switches: count, load_ms: milliseconds }).exactOptional(),
    }),
  ),
  recent_failures: z.array(
    z.looseObject({ task_id: z.string(), workflow_id: z.string(), ended_at: time, error: failure }),
  ),
  dead_webhooks: z.array(
    z.looseObject({ task_id: z.string(), url: z.string(), attempts: count, last_error: z.string() }),
  ),
});
