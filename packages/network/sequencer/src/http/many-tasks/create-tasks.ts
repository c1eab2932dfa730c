import { submissionSchema, tasksCreateSchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { checkCount } from '../admit-items.ts';
import { requireCaller } from '../authenticate.ts';
import type { ErrorReplies } from '../error-reply.ts';
import { readItem, readRequest, without } from '../read-request.ts';
import type { SequencerServices } from '../services.ts';
import { prepareTask, recordTask, submitterOf } from '../submit-task.ts';

/**
 * `POST /tasks_create`: for each task what `task_create` answers, or the error that it would get. Each counts as a call and a submit of
 * its own, and one that fails does not fail the others.
 */
export async function createTasks(
  c: Context,
  services: SequencerServices,
  describeError: ErrorReplies,
): Promise<Response> {
  const body = await readRequest(c, services, tasksCreateSchema, without('tasks'));
  const consumer = await requireCaller(c, services, body);
  const { tasks } = body;
  checkCount(services, consumer, 'tasks', tasks.length, 'submittedTasks');
  const submitter = submitterOf(c, services, consumer);
  const prepared = await Promise.allSettled(
    tasks.map(async (task, index) => {
      // the request itself has been counted
      if (index) services.ownerCalls.count(consumer);
      return await prepareTask(services, submitter, await readItem(task, services, submissionSchema));
    }),
  );
  // only now, so that they are recorded in their order, however long each check has taken
  const ends = await Promise.allSettled(
    prepared.map(async (end) => {
      if (end.status === 'rejected') throw end.reason;
      return await recordTask(services, submitter, end.value);
    }),
  );
  const results = ends.map((end, index) => ({
    ...jobOf(tasks[index]),
    ...(end.status === 'fulfilled' ? end.value : { error: errorOf(end.reason) }),
  }));
  return c.json({ results });

  function errorOf(reason: unknown) {
    const { status, body, retryAfterSeconds } = describeError(reason, c.req.path);
    return { ...body, status, ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }) };
  }
}

/** Said again with each result, so that callers can tell which is which whatever became of the answer on its way. */
function jobOf(task: unknown): { job_id?: string } {
  const { job_id } = (task ?? {}) as { job_id?: unknown };
  return typeof job_id === 'string' ? { job_id } : {};
}
