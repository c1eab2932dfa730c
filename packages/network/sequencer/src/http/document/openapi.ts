import { describeParameters, type WorkflowDefinition } from '@heurist/core/definition';
import {
  errorCodes,
  fileCreateSchema,
  fileSlotSchema,
  heartbeatReplySchema,
  keyCreateSchema,
  keyLimitSchema,
  keyListReplySchema,
  keyRevokeSchema,
  minerHeartbeatSchema,
  minerRequestSchema,
  minerSubmitReplySchema,
  minerSubmitSchema,
  minerTaskSchema,
  minerUploadSchema,
  networkRequestSchema,
  networkStatusSchema,
  resourceRequestSchema,
  revokedSessionsSchema,
  sessionCreateSchema,
  sessionRevokeSchema,
  sessionSchema,
  taskCreateSchema,
  taskRefSchema,
  taskResultSchema,
  tasksEventsSchema,
  tasksQuerySchema,
  tasksReplySchema,
  uploadSlotSchema,
} from '@heurist/core/protocol';
import type { Hono } from 'hono';
import { html } from 'hono/html';
import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { errorResponse, json, resources, toSchema } from './openapi-resources.ts';

/** A call of the protocol, as documented. */
interface Call {
  name: string;
  by: 'consumer' | 'miner' | 'operator';
  summary: string;
  request: z.core.$ZodType;
  reply: z.core.$ZodType;
  /** Media type of the reply, if it is not one JSON value. */
  stream?: 'text/event-stream';
}

const calls: Call[] = [
  {
    name: 'task_create',
    by: 'consumer',
    summary: 'Submits a task. The same job_id gets the same task.',
    request: taskCreateSchema,
    reply: z.object({
      task_id: z.string(),
      warning: z.optional(z.string()),
      eta_seconds: z.optional(z.number()),
    }),
  },
  {
    name: 'task_result_query',
    by: 'consumer',
    summary: 'Returns the state of a task.',
    request: taskRefSchema,
    reply: taskResultSchema,
  },
  {
    name: 'task_cancel',
    by: 'consumer',
    summary: 'Cancels a task that waits or runs.',
    request: taskRefSchema,
    reply: z.object({ task_id: z.string(), msg: z.string() }),
  },
  {
    name: 'task_events',
    by: 'consumer',
    summary: 'Streams the events of a task. Each one is its whole state; the stream ends with the task.',
    request: taskRefSchema,
    reply: taskResultSchema,
    stream: 'text/event-stream',
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
    reply: taskResultSchema,
    stream: 'text/event-stream',
  },
  {
    name: 'file_create',
    by: 'consumer',
    summary: 'Declares an input file. Put its bytes to upload_url, then pass url as a parameter.',
    request: fileCreateSchema,
    reply: fileSlotSchema,
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
  },
  {
    name: 'network_status',
    by: 'consumer',
    summary: 'Returns the miners, queues and recent failures of the network.',
    request: networkRequestSchema,
    reply: networkStatusSchema,
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
  },
  {
    name: 'miner_upload',
    by: 'miner',
    summary: 'Declares an output file. Put its bytes to upload_url before the submit.',
    request: minerUploadSchema,
    reply: uploadSlotSchema,
  },
  {
    name: 'miner_submit',
    by: 'miner',
    summary: 'Ends an attempt. A repeated submit changes nothing.',
    request: minerSubmitSchema,
    reply: minerSubmitReplySchema,
  },
  {
    name: 'key_create',
    by: 'operator',
    summary: 'Creates a key. It is returned once, and stored hashed.',
    request: keyCreateSchema,
    reply: z.object({ key: z.string() }),
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
  },
  {
    name: 'key_revoke',
    by: 'operator',
    summary: 'Revokes a key.',
    request: keyRevokeSchema,
    reply: z.object({ key_id: z.string(), msg: z.string() }),
  },
];

const errorSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [string]),
  message: z.string(),
  task_id: z.optional(z.string()),
});

/** The OpenAPI document, made from the schemas that check the requests. */
function createDocument(workflows: readonly WorkflowDefinition[]) {
  const paths = calls.map(({ name, by, summary, request, reply, stream = 'application/json' }) => [
    `/${name}`,
    {
      post: {
        operationId: name,
        tags: [by],
        summary,
        // a consumer may send its key in the body instead
        security: by === 'consumer' ? [{ bearer: [] }, {}] : [{ bearer: [] }],
        requestBody: { required: true, content: json(request) },
        responses: {
          200: { description: 'Success', content: { [stream]: { schema: toSchema(reply) } } },
          default: errorResponse(),
        },
      },
    },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Heurist sequencer', version: packageJson.version },
    paths: { ...Object.fromEntries(paths), ...resources },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'ownerId#key' } },
      schemas: {
        Error: toSchema(errorSchema),
        ...Object.fromEntries(workflows.map((definition) => [schemaName(definition), parametersSchema(definition)])),
      },
    },
  };
}

/** OpenAPI allows only letters, digits, dots, dashes and underscores in component names; workflow ids may have others. */
function schemaName({ workflow_id }: WorkflowDefinition): string {
  return `parameters-${workflow_id.replaceAll(/[^\w.-]/g, '_')}`;
}

/** The schema of `task_details.parameters` of a workflow. */
function parametersSchema(definition: WorkflowDefinition) {
  const { title, workflow_id, task_type } = definition;
  return {
    title,
    description: `workflow_id ${workflow_id}, task_type ${task_type}`,
    ...describeParameters(definition),
  };
}

/** `GET /openapi.json` for programs, `GET /docs` for people. */
export function addDocumentRoutes(app: Hono, workflows: readonly WorkflowDefinition[]): void {
  const document = createDocument(workflows);
  const schemas: Record<string, object> = document.components.schemas;
  app.get('/openapi.json', (c) => c.json(document));
  app.get('/docs', (c) =>
    c.html(html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <title>Heurist sequencer</title>
        <style>
          body { font: 16px/1.5 system-ui; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
          pre { overflow: auto; background: #8881; padding: 1rem }
        </style>
        <h1>Heurist sequencer</h1>
        <p>Every call is a POST with a JSON body. Also available as <a href="/openapi.json">OpenAPI</a>.</p>
        ${calls.map(
          ({ name, by, summary, request, reply }) => html`<h2>POST /${name}</h2>
            <p>For ${by}s. ${summary}</p>
            <details><summary>Request</summary><pre>${JSON.stringify(toSchema(request), null, 2)}</pre></details>
            <details><summary>Reply</summary><pre>${JSON.stringify(toSchema(reply), null, 2)}</pre></details>`,
        )}
        <h2>Workflows</h2>
        ${workflows.map(
          (definition) => html`<h3>${definition.workflow_id}</h3>
            <p>${definition.title}. task_type ${definition.task_type}.</p>
            <details><summary>Parameters</summary><pre>${JSON.stringify(schemas[schemaName(definition)], null, 2)}</pre></details>`,
        )}
      </html>`),
  );
}
