import type { Hono } from 'hono';
import * as z from 'zod';
import type { RouteServices } from './route-services.ts';

const queueBody = z.looseObject({ clear: z.boolean().default(false), delete: z.array(z.string()).default([]) });

/** The queue and the history. */
export function addQueueRoutes(app: Hono, { runner }: RouteServices): void {
  app.get('/queue', (c) =>
    c.json({ queue_running: runner.queue.running ? [runner.queue.running] : [], queue_pending: runner.queue.pending }),
  );
  app.post('/queue', async (c) => {
    const { clear, delete: ids } = queueBody.parse(await c.req.json());
    if (clear) runner.queue.clear();
    if (runner.queue.delete(ids) || clear) runner.broadcastStatus();
    return c.body(null, 200);
  });
  app.get('/history', (c) => {
    const maxItems = c.req.query('max_items');
    const list = runner.history.list(
      maxItems === undefined ? undefined : whole(maxItems),
      whole(c.req.query('offset') ?? '-1'),
    );
    return c.json(list);
  });
  app.get('/history/:id', (c) => {
    const entry = runner.history.get(c.req.param('id'));
    return c.json(entry ? { [c.req.param('id')]: entry } : {});
  });
  app.post('/history', async (c) => {
    const { clear, delete: ids } = queueBody.parse(await c.req.json());
    if (clear) runner.history.clear();
    for (const id of ids) runner.history.delete(id);
    return c.body(null, 200);
  });
}

function whole(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`${text} is not a whole number`);
  return Number(text);
}
