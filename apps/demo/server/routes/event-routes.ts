import type { Heurist, WorkflowTaskResult } from '@heurist/core';
import { streamSSE } from 'hono/streaming';
import type { DemoServices } from '../services.ts';
import type { DemoApp } from '../visitors/visitor.ts';
import { checkTaskId } from './task-id.ts';
import { publicState } from './task-state.ts';

/** One event stream about several tasks. */
export function addEventRoutes(app: DemoApp, services: DemoServices): void {
  const { followedTasks, keepAliveMs, streamMs } = services.limits;

  app.get('/api/events', (c) => {
    const ids = [...new Set(c.req.queries('task') ?? [])].map(checkTaskId).slice(0, followedTasks);
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const { heurist } = c.get('visitor');
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, services.closing]);
      const send = (state: WorkflowTaskResult) =>
        void stream.writeSSE({ event: 'task', data: JSON.stringify(publicState(state, services.workflowURL)) });
      const keepAlive = setInterval(() => void stream.write(': keep-alive\n\n'), keepAliveMs);
      // a task that cannot be followed is left out: the page polls, too
      await Promise.all(ids.map((id) => followTask(heurist, id, { signal, timeout: streamMs }, send).catch(() => {})));
      clearInterval(keepAlive);
    });
  });
}

/** Sends every change of a task until it has ended. */
async function followTask(
  heurist: Heurist,
  task_id: string,
  options: { signal: AbortSignal; timeout: number },
  onProgress: (state: WorkflowTaskResult) => void,
): Promise<void> {
  await heurist.workflow.task(task_id).wait({ ...options, onProgress });
}
