import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import {
  fileCreateSchema,
  mostFileBytes,
  networkRequestSchema,
  printableLine,
  resourceRequestSchema,
  sessionCreateSchema,
  sessionRevokeSchema,
  taskRefSchema,
} from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import type { Identity } from '../access/keys/keys.ts';
import { limitsOf } from '../access/limits/caller-limits.ts';
import { actorOf } from '../access/operators/audit.ts';
import type { TaskRecord } from '../tasks/table/task-record.ts';
import { requireCaller, requireConsumer, requireConsumerOrOperator } from './authenticate.ts';
import { describeTask } from './describe-task.ts';
import type { ErrorReplies } from './error-reply.ts';
import { streamTask } from './event-stream.ts';
import { linkBaseOf } from './link-base.ts';
import { createTasks } from './many-tasks/create-tasks.ts';
import { queryTasks } from './many-tasks/query-tasks.ts';
import { streamTasks } from './many-tasks/stream-tasks.ts';
import { networkStatus } from './network-status.ts';
import { readRequest } from './read-request.ts';
import type { SequencerServices } from './services.ts';
import { submitTask } from './submit-task.ts';

/** The calls of consumers: submit, query, cancel, follow, upload, and sessions for pages. */
export function addConsumerRoutes(app: Hono, services: SequencerServices, describeError: ErrorReplies): void {
  app.post('/resource_request', (c) => answerResourceRequest(c, services));
  app.post('/task_create', (c) => submitTask(c, services));
  app.post('/task_result_query', async (c) =>
    c.json(await describeTask(services, await readTask(c, services), linkBaseOf(c, services))),
  );
  app.post('/task_cancel', (c) => cancelTask(c, services));
  app.post('/task_events', (c) => openStream(c, services));
  app.post('/tasks_create', (c) => createTasks(c, services, describeError));
  app.post('/tasks_query', (c) => queryTasks(c, services));
  app.post('/tasks_events', (c) => streamTasks(c, services));
  app.post('/network_status', async (c) => {
    const { owner } = await requireConsumer(c, services, await readRequest(c, services, networkRequestSchema));
    return c.json(await networkStatus(services, owner));
  });
  app.post('/webhook_secret', async (c) => {
    const { owner } = await requireConsumer(c, services, await readRequest(c, services, networkRequestSchema));
    return c.json({ secret: services.webhooks.secretOf(owner) });
  });
  app.post('/session_create', (c) => createSession(c, services));
  app.post('/session_revoke', (c) => revokeSessions(c, services));
  app.post('/file_create', (c) => createFile(c, services));
}

/** The reference client asks for a miner before each task. Here miners claim tasks, so any miner will do. */
async function answerResourceRequest(c: Context, services: SequencerServices): Promise<Response> {
  await requireCaller(c, services, await readRequest(c, services, resourceRequestSchema));
  return c.json({ miner_id: 'any', msg: 'Miners claim tasks by themselves.' });
}

async function cancelTask(c: Context, services: SequencerServices): Promise<Response> {
  const task = await readTask(c, services);
  const { task_id } = task;
  const isCanceled = await services.tasks.cancel(task);
  if (!isCanceled) {
    const { status } = await services.tasks.get(task_id);
    return c.json({ task_id, msg: `The task has already ended (${status}).` });
  }
  services.logger.info('task canceled', { task_id });
  return c.json({ task_id, msg: 'canceled' });
}

async function createFile(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, fileCreateSchema);
  const consumer = await requireCaller(c, services, body);
  const { owner, key_id, session } = consumer;
  const limits = limitsOf(consumer, services.limits);
  const refusal = await services.storedFiles.findRefusal(owner, limits.shared.storedBytes);
  if (refusal) throw refusal;
  const { content_type, bytes } = body;
  requireSize(body, limits.own.uploadBytes, services.workflows);
  const { artifacts } = services;
  // who knows a hash must not get the file of another user of the app with it
  const sha256 = session ? undefined : body.sha256;
  const description = { content_type, bytes, ...(sha256 && { sha256 }) };
  const stored = await artifacts.findStored(`consumer:${owner}`, description);
  const declaration = { key_id, limits, session_id: session?.session_id };
  const artifact_id = stored ?? (await artifacts.declare(`consumer:${owner}`, description, declaration));
  const linkBase = linkBaseOf(c, services);
  return c.json({
    ...(await artifacts.uploadSlot(artifact_id, description, linkBase)),
    url: artifacts.signUrl(artifact_id, 'read', linkBase),
    ...(sha256 && { is_stored: stored !== undefined }),
  });
}

type FileRequest = { bytes: number } & NonNullable<Parameters<typeof mostFileBytes>[1]>;

/**
 * A file that its parameter, or any workflow, does not take is refused before it is sent.
 *
 * @throws {HeuristError} `payload_too_large`
 */
function requireSize(file: FileRequest, uploadBytes: number, workflows: readonly WorkflowDefinition[]): void {
  const { bytes, parameter } = file;
  const taken = mostFileBytes(workflows, file) ?? uploadBytes;
  if (bytes <= Math.min(uploadBytes, taken)) return;
  const taker = parameter ? `\`${printableLine(parameter)}\`` : 'a workflow of this network';
  const limit = taken < uploadBytes ? `the ${taken} that ${taker} takes` : `the limit of ${uploadBytes}`;
  throw new HeuristError(`The file has ${bytes} bytes, more than ${limit}. Make it smaller.`, {
    code: 'payload_too_large',
  });
}

/** For the server of an app, which hands the token to its page. */
async function createSession(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, sessionCreateSchema);
  const consumer = await requireConsumer(c, services, body);
  const session = await services.sessions.create(consumer, body);
  const { session_id } = session;
  services.logger.info('session created', { session_id, consumer_id: consumer.owner, user_id: body.user_id });
  return c.json(session);
}

/** For the server of an app, such as when a user signs out, and for operators. */
async function revokeSessions(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, sessionRevokeSchema);
  const by = await requireConsumerOrOperator(c, services, body);
  const { session_id, user_id } = body;
  const choice = { session_id, user_id: user_id ?? undefined };
  const revoke = () => services.sessions.revoke(by, choice);
  const action = { action: 'session_revoke', target: choice };
  const session_ids = await (by.role === 'operator' ? services.audit.record(actorOf(by), action, revoke) : revoke());
  services.logger.info('sessions revoked', { session_ids, by: by.owner });
  return c.json({ session_ids });
}

async function openStream(c: Context, services: SequencerServices): Promise<Response> {
  const { task, consumer } = await readOwnTask(c, services);
  return streamTask(c, services, task, await services.openRequests.open(consumer, 'stream'));
}

/** The task that a consumer asks about, if it is its own. */
async function readOwnTask(c: Context, services: SequencerServices): Promise<{ task: TaskRecord; consumer: Identity }> {
  const body = await readRequest(c, services, taskRefSchema);
  const consumer = await requireCaller(c, services, body);
  return { task: await services.tasks.get(body.task_id, consumer.owner, consumer.scope), consumer };
}

async function readTask(c: Context, services: SequencerServices): Promise<TaskRecord> {
  return (await readOwnTask(c, services)).task;
}
