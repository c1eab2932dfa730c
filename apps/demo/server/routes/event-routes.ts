import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { TaskState } from '../../shared/api.ts';
import type { DemoServices } from '../services.ts';
import { checkTaskId } from './task-id.ts';
import { publicState } from './task-state.ts';

/** One event stream about several tasks. */
export function addEventRoutes(app: Hono, services: DemoServices): void {
  const { followedTasks, keepAliveMs } = services.limits;

  app.get('/api/events', (c) => {
    const ids = [...new Set(c.req.queries('task') ?? [])].map(checkTaskId).slice(0, followedTasks);
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, services.closing]);
      const send = (state: TaskState) => void stream.writeSSE({ event: 'task', data: JSON.stringify(state) });
      const keepAlive = setInterval(() => void stream.write(': keep-alive\n\n'), keepAliveMs);
      // a task that cannot be followed is left out: the page polls, too
      await Promise.all(ids.map((id) => followTask(services, id, signal, send).catch(() => {})));
      clearInterval(keepAlive);
    });
  });
}

/** Sends every change of a task until it has ended. */
async function followTask(
  { heurist, limits }: DemoServices,
  task_id: string,
  signal: AbortSignal,
  send: (state: TaskState) => void,
): Promise<void> {
  await heurist.workflow.task(task_id).wait({
    signal,
    timeout: limits.streamMs,
    onProgress: (state) => send(publicState(state)),
  });
}
