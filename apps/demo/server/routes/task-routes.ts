import { type Heurist, HeuristError, type TaskOutput } from '@heurist/core';
import type { TaskOptions } from '../../shared/api.ts';
import { families } from '../catalogue.ts';
import { notFound } from '../http/errors.ts';
import { passFile } from '../http/pass-file.ts';
import { limitRate } from '../http/rate-limit.ts';
import { readChecked } from '../http/read-checked.ts';
import { limitSize } from '../http/size-limit.ts';
import type { DemoServices } from '../services.ts';
import { type DemoApp, inNameOf } from '../visitors/visitor.ts';
import { submitSchema } from './submit-schema.ts';
import { checkTaskId } from './task-id.ts';
import { publicState } from './task-state.ts';

/** Submit, query, cancel, and the files that a task made. */
export function addTaskRoutes(app: DemoApp, { limits, proxies, workflowURL }: DemoServices): void {
  app.post(
    '/api/tasks',
    limitRate(limits.tasks, limits.windowMs, proxies),
    limitSize('request', limits.jsonBytes),
    async (c) => {
      const { family, workflow_id, options, job_id } = await readChecked(c, submitSchema);
      const found = families.find(({ name }) => name === family);
      if (!found) throw new HeuristError(`Unknown workflow package "${family}".`, { code: 'unknown_workflow' });
      const task_id = await inNameOf(c.get('visitor'), async (heurist) => {
        const given = await resolveFiles(heurist, options as TaskOptions);
        const task = new found.Task({ ...given, workflow_id } as never);
        return await heurist.workflow.executeWorkflow(task, { job_id, timeout: limits.submitTimeoutMs });
      });
      return c.json({ task_id });
    },
  );

  app.get('/api/tasks/:id', async (c) => {
    const { heurist } = c.get('visitor');
    const state = await heurist.workflow.queryTaskResult(checkTaskId(c.req.param('id')));
    return c.json(publicState(state, workflowURL));
  });

  app.post('/api/tasks/:id/cancel', async (c) => {
    const { heurist } = c.get('visitor');
    return c.json(await heurist.workflow.cancelTask(checkTaskId(c.req.param('id'))));
  });

  app.get('/api/tasks/:id/outputs/:index', async (c) => {
    const output = await findOutput(
      c.get('visitor').heurist,
      checkTaskId(c.req.param('id')),
      Number(c.req.param('index')),
    );
    return await passFile(c, output.url, output.filename);
  });
}

/** Replaces files by URLs that the network can read, also outputs of earlier tasks. */
async function resolveFiles(heurist: Heurist, options: TaskOptions): Promise<Record<string, string | number>> {
  const entries = Object.entries(options).map(async ([name, value]) => {
    if (typeof value !== 'object') return [name, value] as const;
    if ('url' in value) return [name, value.url] as const;
    return [name, (await findOutput(heurist, value.task_id, value.output)).url] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function findOutput({ workflow }: Heurist, task_id: string, index: number): Promise<TaskOutput> {
  const { outputs } = await workflow.queryTaskResult(task_id);
  const output = outputs?.[index];
  if (output) return output;
  throw notFound(`Task ${task_id} has no output ${index}.`);
}
