import { randomUUID } from 'node:crypto';
import { validateGraph } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { isNestedWithin } from '@heurist/server-kit/nesting';
import type { Hono } from 'hono';
import * as z from 'zod';
import { describeNodes, type NodeClass } from '../nodes/node-class.ts';
import type { RouteServices } from './route-services.ts';

/** Of a request; workflows in `extra_data` have about ten. */
const MAX_LEVELS = 100;

const promptBody = z.looseObject({
  prompt: z.record(z.string(), z.unknown()).optional(),
  prompt_id: z.coerce.string().optional(),
  client_id: z.string().optional(),
  extra_data: z.record(z.string(), z.unknown()).default({}),
  front: z.boolean().default(false),
  number: z.coerce.number().optional(),
  partial_execution_targets: z.array(z.string()).optional(),
});
const interruptBody = z.looseObject({ prompt_id: z.string().optional() }).catch({});
const freeBody = z.looseObject({ free_memory: z.boolean().default(false) });

/** Submit, interrupt, free. */
export function addPromptRoutes(app: Hono, services: RouteServices): void {
  const { runner, classes, files } = services;
  app.get('/prompt', (c) => c.json({ exec_info: { queue_remaining: runner.queue.remaining } }));
  app.post('/prompt', async (c) => {
    const json = await c.req.json();
    const body = promptBody.parse(Array.isArray(json) ? {} : json);
    const number = runner.queue.nextNumber(body.number, body.front);
    if (!body.prompt) return c.json(refusal('no_prompt', 'No prompt provided', 'No prompt provided'), 400);
    // what is kept beside the graph is printed later
    if (!isNestedWithin(json, MAX_LEVELS)) {
      const message = `Cannot execute because the request is nested more than ${MAX_LEVELS} levels deep: flatten it.`;
      return c.json(refusal('invalid_prompt', message), 400);
    }
    const {
      graph: prompt,
      outputs,
      nodeErrors,
      error,
    } = validateGraph(body.prompt as Graph, describeNodes(usedClasses(body.prompt as Graph, classes), services), {
      targets: body.partial_execution_targets,
      hasInputFile: files.hasInput,
    });
    if (error) return c.json({ error, node_errors: nodeErrors }, 400);
    const prompt_id = body.prompt_id ?? randomUUID();
    const extra = { ...body.extra_data, ...(body.client_id && { client_id: body.client_id }) };
    runner.submit([number, prompt_id, prompt, extra, outputs]);
    return c.json({ prompt_id, number, node_errors: nodeErrors });
  });
  app.post('/interrupt', async (c) => {
    runner.interrupt(interruptBody.parse(await c.req.json().catch(() => ({}))).prompt_id);
    return c.body(null, 200);
  });
  app.post('/free', async (c) => {
    if (freeBody.parse(await c.req.json()).free_memory) runner.freeCache();
    return c.body(null, 200);
  });
}

function refusal(type: string, message: string, details = '') {
  return { error: { type, message, details, extra_info: {} }, node_errors: {} };
}

/** Describing a class lists files: a prompt needs that of its own nodes only. */
function usedClasses(graph: Graph, classes: ReadonlyMap<string, NodeClass>): Map<string, NodeClass> {
  const used = new Set(Object.values(graph).map((node) => node?.class_type));
  return new Map([...classes].filter(([name]) => used.has(name)));
}
