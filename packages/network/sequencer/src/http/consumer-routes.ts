import { createHash } from 'node:crypto';
import { checkParameters, HeuristError, isTerminal, type WorkflowTaskResult } from '@heurist/core';
import {
  fileCreateSchema,
  findDefinition,
  networkRequestSchema,
  parametersOf,
  resourceRequestSchema,
  taskCreateSchema,
  taskRefSchema,
} from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { checkQuota, isLimited } from '../access/task-quota.ts';
import { HIGHEST_PRIORITY } from '../tasks/new-tasks.ts';
import { checkStorable } from '../tasks/storable.ts';
import type { TaskRecord } from '../tasks/task-record.ts';
import { traceSubmit } from '../tasks/tracing.ts';
import { originOf, readBody, requireConsumer, type Services } from './context.ts';
import { describeTask, etaOf } from './describe-task.ts';
import { networkStatus } from './network-status.ts';

/** Largest upload of a consumer, in bytes. */
const MAX_UPLOAD_BYTES = 200_000_000;
/** How often a stream says something when nothing happens, so that proxies keep it open. */
const KEEP_ALIVE_MS = 15_000;
/** Changes within this time are told together. */
const COALESCE_MS = 100;
/** How often the place in the queue is looked up for a stream. */
const POSITION_MS = 1000;

/** Higher goes first. */
const PRIORITIES = { low: -1, normal: 0, high: HIGHEST_PRIORITY } as const;

/** The calls of consumers: submit, query, cancel, follow, upload. */
export function addConsumerRoutes(app: Hono, services: Services): void {
  app.post('/resource_request', async (c) => {
    const body = await readBody(c, resourceRequestSchema);
    await requireConsumer(c, services, body);
    // the reference client asked for a miner before each task; ours are chosen when the task is claimed
    return c.json({ miner_id: 'any', msg: 'Miners claim tasks by themselves.' });
  });

  app.post('/task_create', async (c) => {
    const body = await readBody(c, taskCreateSchema);
    const consumer = await requireConsumer(c, services, body);
    const { owner } = consumer;
    const parameters = readParameters(body.task_details);
    const definition = findDefinition(services.workflows, body.task_type, body.workflow_id, parameters);
    if (!definition || definition.task_type !== body.task_type) throw unknownWorkflow(body, services);
    checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
    const { webhook_url } = body;
    if (webhook_url) services.webhooks.checkUrl(webhook_url);
    const warning = await services.miners.warningFor(definition.workflow_id);
    const isUnwanted = warning !== undefined && body.reject_if_unservable === true;
    // a resend of what was taken is no new task: it is answered as before
    if ((isUnwanted || isLimited(consumer)) && !(await services.tasks.isKnown(owner, body.job_id))) {
      if (isUnwanted)
        throw new HeuristError(`No miner of this network runs workflow ${definition.workflow_id} now.`, {
          code: 'unservable',
        });
      await checkQuota(services.database, consumer);
    }
    const { task, position } = await traceSubmit(c.req.raw.headers, definition.workflow_id, (traceparent) =>
      services.tasks.create({
        consumer_id: owner,
        job_id: body.job_id ?? undefined,
        task_type: body.task_type,
        workflow_id: definition.workflow_id,
        task_details: { parameters },
        timeout_seconds: body.timeout_seconds ?? undefined,
        priority: PRIORITIES[body.priority ?? 'normal'],
        traceparent,
        webhook: webhook_url ? { url: webhook_url, origin: originOf(c, services) } : undefined,
      }),
    );
    const { task_id } = task;
    services.logger.info('task created', { task_id, workflow_id: definition.workflow_id, consumer_id: owner });
    const eta_seconds = await etaOf(services, task, position);
    return c.json({ task_id, ...(warning && { warning }), ...(eta_seconds !== undefined && { eta_seconds }) });
  });

  app.post('/task_result_query', async (c) =>
    c.json(await describeTask(services, await readTask(c, services), originOf(c, services))),
  );

  app.post('/task_cancel', async (c) => {
    const task = await readTask(c, services);
    const isCanceled = await services.tasks.cancel(task);
    if (isCanceled) services.logger.info('task canceled', { task_id: task.task_id });
    const msg = isCanceled
      ? 'canceled'
      : `The task has already ended (${(await services.tasks.get(task.task_id)).status}).`;
    return c.json({ task_id: task.task_id, msg });
  });

  app.post('/task_events', async (c) => {
    const task = await readTask(c, services);
    const origin = originOf(c, services);
    // nginx and its like would hold the events back
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      let isOpen = true;
      stream.onAbort(() => {
        isOpen = false;
      });
      const changes = watch(task.task_id, services);
      try {
        // one who comes back says what it has: each event is the whole state, so there is nothing else to catch up with
        for (let last = c.req.header('last-event-id'); isOpen && !services.closing.aborted; ) {
          const state = await describeTask(services, await services.tasks.get(task.task_id), origin);
          const id = eventId(state);
          if (id !== last) await stream.writeSSE({ event: 'task', id, data: JSON.stringify(state) });
          if (isTerminal(state.status)) return;
          // the first change after a while is told at once, a burst of them together
          if (id !== last) await stream.sleep(COALESCE_MS);
          last = id;
          const isWaiting = state.status === 'waiting';
          const hasChanged = await changes.next(isWaiting ? POSITION_MS : KEEP_ALIVE_MS);
          if (!hasChanged && !isWaiting) await stream.write(': still here\n\n');
        }
      } catch (error) {
        // the stream ends, and is opened again; its reader learns nothing of what is inside
        services.logger.warn('stream broken off', { task_id: task.task_id, message: (error as Error).message });
      } finally {
        changes.stop();
      }
    });
  });

  app.post('/network_status', async (c) => {
    const { owner } = await requireConsumer(c, services, await readBody(c, networkRequestSchema));
    return c.json(await networkStatus(services, owner));
  });

  app.post('/webhook_secret', async (c) => {
    const { owner } = await requireConsumer(c, services, await readBody(c, networkRequestSchema));
    return c.json({ secret: services.webhooks.secretOf(owner) });
  });

  app.post('/file_create', async (c) => {
    const body = await readBody(c, fileCreateSchema);
    const { owner } = await requireConsumer(c, services, body);
    const { content_type, bytes } = body;
    if (bytes > MAX_UPLOAD_BYTES)
      throw new HeuristError(`The file has ${bytes} bytes; at most ${MAX_UPLOAD_BYTES} are taken.`, {
        code: 'payload_too_large',
      });
    const artifact_id = await services.artifacts.announce(`consumer:${owner}`, { content_type, bytes });
    const origin = originOf(c, services);
    return c.json({
      ...(await services.artifacts.uploadSlot(artifact_id, { bytes, content_type }, origin)),
      url: services.artifacts.address(artifact_id, 'read', origin),
    });
  });
}

async function readTask(c: Context, services: Services): Promise<TaskRecord> {
  const body = await readBody(c, taskRefSchema);
  const { owner } = await requireConsumer(c, services, body);
  return await services.tasks.get(body.task_id, owner);
}

function readParameters(details: string | Record<string, unknown>): Record<string, unknown> {
  let parameters: unknown;
  try {
    parameters = parametersOf(details);
  } catch {
    throw new HeuristError('task_details is a text that is no JSON.', { code: 'invalid_request' });
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new HeuristError('task_details.parameters must be an object.', { code: 'invalid_request' });
  // as text, they were no part of what was checked before
  checkStorable(parameters);
  return parameters as Record<string, unknown>;
}

function unknownWorkflow(
  { task_type, workflow_id }: { task_type: string; workflow_id?: string | null | undefined },
  { workflows }: Services,
): HeuristError {
  const known = workflows.map((workflow) => `${workflow.workflow_id} (${workflow.task_type})`).join(', ') || 'none';
  const asked = workflow_id ? `workflow ${workflow_id} of type ${task_type}` : `workflow of type ${task_type}`;
  return new HeuristError(`There is no ${asked} here. This network runs: ${known}.`, { code: 'unknown_workflow' });
}

/** What is told with a change, but is none by itself: addresses are signed anew each time, estimates run down. */
const PASSING = new Set(['url', 'result', 'eta_seconds']);

/** The same for the same state, at every replica. */
function eventId(state: WorkflowTaskResult): string {
  const text = JSON.stringify(state, (key, value) => (PASSING.has(key) ? undefined : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Waits for changes of one task. One that happens between two waits is not lost. */
function watch(task_id: string, { bus, closing }: Services) {
  let isChanged = false;
  let wake = () => {};
  const notice = () => {
    isChanged = true;
    wake();
  };
  const unsubscribe = bus.onTask(task_id, notice);
  closing.addEventListener('abort', notice, { once: true });
  return {
    /** Resolves with whether something changed, at the latest after `ms`. */
    async next(ms: number): Promise<boolean> {
      if (!isChanged)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      const changed = isChanged;
      isChanged = false;
      return changed;
    },
    stop() {
      unsubscribe();
      closing.removeEventListener('abort', notice);
      wake();
    },
  };
}
