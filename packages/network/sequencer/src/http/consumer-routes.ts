import { HeuristError } from '@heurist/core';
import { fileCreateSchema, networkRequestSchema, resourceRequestSchema, taskRefSchema } from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import { limitsOf } from '../access/caller-limits.ts';
import type { Identity } from '../access/keys.ts';
import type { TaskRecord } from '../tasks/table/task-record.ts';
import { requireConsumer } from './authenticate.ts';
import { describeTask } from './describe-task.ts';
import { streamTask } from './event-stream.ts';
import { networkStatus } from './network-status.ts';
import { readRequest } from './read-request.ts';
import { originOf, type SequencerServices } from './services.ts';
import { submitTask } from './submit-task.ts';

/** The calls of consumers: submit, query, cancel, follow, upload. */
export function addConsumerRoutes(app: Hono, services: SequencerServices): void {
  app.post('/resource_request', (c) => answerResourceRequest(c, services));
  app.post('/task_create', (c) => submitTask(c, services));
  app.post('/task_result_query', async (c) =>
    c.json(await describeTask(services, await readTask(c, services), originOf(c, services))),
  );
  app.post('/task_cancel', (c) => cancelTask(c, services));
  app.post('/task_events', (c) => openStream(c, services));
  app.post('/network_status', async (c) => {
    const { owner } = await requireConsumer(c, services, await readRequest(c, services, networkRequestSchema));
    return c.json(await networkStatus(services, owner));
  });
  app.post('/webhook_secret', async (c) => {
    const { owner } = await requireConsumer(c, services, await readRequest(c, services, networkRequestSchema));
    return c.json({ secret: services.webhooks.secretOf(owner) });
  });
  app.post('/file_create', (c) => createFile(c, services));
}

/** The reference client asks for a miner before each task. Here miners claim tasks, so any miner will do. */
async function answerResourceRequest(c: Context, services: SequencerServices): Promise<Response> {
  await requireConsumer(c, services, await readRequest(c, services, resourceRequestSchema));
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
  const consumer = await requireConsumer(c, services, body);
  const { owner, key_id } = consumer;
  const limits = limitsOf(consumer, services.limits);
  const { uploadBytes } = limits.own;
  const { content_type, bytes } = body;
  if (bytes > uploadBytes)
    throw new HeuristError(`The file has ${bytes} bytes, more than the limit of ${uploadBytes}. Make it smaller.`, {
      code: 'payload_too_large',
    });
  const description = { content_type, bytes };
  const artifact_id = await services.artifacts.declare(`consumer:${owner}`, description, { key_id, limits });
  const origin = originOf(c, services);
  return c.json({
    ...(await services.artifacts.uploadSlot(artifact_id, description, origin)),
    url: services.artifacts.signUrl(artifact_id, 'read', origin),
  });
}

async function openStream(c: Context, services: SequencerServices): Promise<Response> {
  const { task, consumer } = await readOwnTask(c, services);
  return streamTask(c, services, task, await services.openRequests.open(consumer, 'stream'));
}

/** The task that a consumer asks about, if it is its own. */
async function readOwnTask(c: Context, services: SequencerServices): Promise<{ task: TaskRecord; consumer: Identity }> {
  const body = await readRequest(c, services, taskRefSchema);
  const consumer = await requireConsumer(c, services, body);
  return { task: await services.tasks.get(body.task_id, consumer.owner), consumer };
}

async function readTask(c: Context, services: SequencerServices): Promise<TaskRecord> {
  return (await readOwnTask(c, services)).task;
}
