import { HeuristError, type TaskOutput } from '@heurist/core';
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import * as z from 'zod/mini';
import type { Options, TaskState } from '../shared/api.ts';
import { families } from './catalogue.ts';
import { readBody, type Services } from './context.ts';
import { publicState, readPublicState } from './task-state.ts';

/** Tasks in one stream of events. */
const MAX_FOLLOWED = 50;
/** A page that is open for longer opens its stream again. */
const STREAM_MS = 3_600_000;
/** So that proxies keep a silent stream open. */
const KEEP_ALIVE_MS = 15_000;

const taskId = z.string().check(z.regex(/^[\w-]{1,100}$/));
const fileValue = z.union([
  z.object({ url: z.string() }),
  z.object({ task_id: taskId, output: z.int().check(z.minimum(0)) }),
]);
const newTaskSchema = z.object({
  family: z.string(),
  workflow_id: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.number(), fileValue])),
  job_id: z.string().check(z.regex(/^[\w-]{8,100}$/)),
});

/** Submit, look, follow, cancel, fetch. */
export function addTaskRoutes(app: Hono, services: Services): void {
  const { heurist } = services;

  app.post('/api/tasks', async (c) => {
    const { family, workflow_id, options, job_id } = await readBody(c, newTaskSchema);
    const found = families.find(({ name }) => name === family);
    if (!found) throw new HeuristError(`There is no package ${family} here.`, { code: 'unknown_workflow' });
    const given = await resolveFiles(services, options as Options);
    const task = new found.Task({ ...given, workflow_id } as never);
    return c.json({ task_id: await heurist.workflow.executeWorkflow(task, { job_id }) });
  });

  app.get('/api/tasks/:id', async (c) => c.json(await readPublicState(heurist, idOf(c))));

  app.post('/api/tasks/:id/cancel', async (c) => c.json(await heurist.workflow.cancelTask(idOf(c))));

  app.get('/api/tasks/:id/outputs/:index', async (c) => {
    const output = await findOutput(services, idOf(c), Number(c.req.param('index')));
    return await passFile(c, output.url, output.filename);
  });

  app.get('/api/events', (c) => {
    const ids = [...new Set(c.req.queries('task') ?? [])].map((id) => z.parse(taskId, id)).slice(0, MAX_FOLLOWED);
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, services.closing]);
      const send = (state: TaskState) => void stream.writeSSE({ event: 'task', data: JSON.stringify(state) });
      const keepAlive = setInterval(() => void stream.write(': still here\n\n'), KEEP_ALIVE_MS);
      // the page asks by itself for what does not come: a task that cannot be followed is left out
      await Promise.all(ids.map((id) => follow(services, id, signal, send).catch(() => {})));
      clearInterval(keepAlive);
    });
  });
}

function idOf(c: Context): string {
  const parsed = taskId.safeParse(c.req.param('id'));
  if (parsed.success) return parsed.data;
  throw new HeuristError('There is no such task.', { code: 'not_found' });
}

/** Tells every change of a task until it has ended. */
async function follow(
  { heurist }: Services,
  task_id: string,
  signal: AbortSignal,
  send: (state: TaskState) => void,
): Promise<void> {
  await heurist.workflow.task(task_id).wait({
    signal,
    timeout: STREAM_MS,
    onProgress: (state) => send(publicState(state)),
  });
}

/** Outputs of earlier tasks become addresses that the network can read. */
async function resolveFiles(services: Services, options: Options): Promise<Record<string, string | number>> {
  const entries = Object.entries(options).map(async ([name, value]) => {
    if (typeof value !== 'object') return [name, value] as const;
    if ('url' in value) return [name, value.url] as const;
    return [name, (await findOutput(services, value.task_id, value.output)).url] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function findOutput({ heurist }: Services, task_id: string, index: number): Promise<TaskOutput> {
  const { outputs } = await heurist.workflow.queryTaskResult(task_id);
  const output = outputs?.[index];
  if (output) return output;
  throw new HeuristError(`Task ${task_id} has no output ${index}.`, { code: 'not_found', task_id });
}

/** Hands a stored file on. The address of the network stays here: it expires, and the page may not reach it. */
export async function passFile(c: Context, url: string, filename?: string): Promise<Response> {
  const range = c.req.header('range');
  const headersOut = range ? { range } : {};
  const file = await fetch(url, { headers: headersOut, redirect: 'error', signal: c.req.raw.signal }).catch((cause) => {
    throw new HeuristError('The network does not answer.', { code: 'unavailable', cause });
  });
  if (!file.ok) throw new HeuristError('The file is gone from the network.', { code: 'not_found' });
  const headers = new Headers({ 'cache-control': 'private, max-age=86400' });
  for (const name of ['content-type', 'content-length', 'content-range', 'accept-ranges']) {
    const value = file.headers.get(name);
    if (value) headers.set(name, value);
  }
  if (filename) {
    const kind = c.req.query('download') === undefined ? 'inline' : 'attachment';
    headers.set('content-disposition', `${kind}; filename="${filename.replaceAll(/[^\w.() -]/g, '_')}"`);
  }
  return new Response(file.body, { status: file.status, headers });
}
