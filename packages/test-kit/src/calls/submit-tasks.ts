import type { loadProtocol } from '../core.ts';
import { type IncomingCall, json, type Reply } from '../http/reply.ts';
import { checkCount } from './check-count.ts';
import { checkJson, readBody, readItem } from './read-body.ts';
import { describeError } from './refusal.ts';
import { requireConsumer, type Services } from './services.ts';
import { submitTask } from './submit-task.ts';

const SUBMITTED_TASKS = 500;

/** Submits many tasks, one after the other: each is answered as alone, and one that fails does not fail the others. */
export async function submitTasks(
  call: IncomingCall,
  services: Services,
  { submissionSchema, tasksCreateSchema }: Awaited<ReturnType<typeof loadProtocol>>,
): Promise<Reply> {
  const body = await readBody(call, tasksCreateSchema, (value) => checkJson(withoutTasks(value)));
  const consumer_id = requireConsumer(call, services, body);
  checkCount('tasks', body.tasks.length, SUBMITTED_TASKS, 'Submit');
  const results: object[] = [];
  for (const task of body.tasks) {
    const { job_id } = (task ?? {}) as { job_id?: unknown };
    const job = typeof job_id === 'string' ? { job_id } : {};
    try {
      const created = await submitTask(call, services, await readItem(task, submissionSchema), consumer_id);
      results.push({ ...job, ...created });
    } catch (error) {
      const { status, body, retry_after } = await describeError(error);
      results.push({ ...job, error: { ...body, status, ...(retry_after !== undefined && { retry_after }) } });
    }
  }
  return json({ results });
}

/** Each task is checked alone. */
function withoutTasks(body: unknown): unknown {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, tasks: undefined } : body;
}
