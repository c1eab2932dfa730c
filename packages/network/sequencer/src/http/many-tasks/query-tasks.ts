import { tasksQuerySchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import type { Identity } from '../../access/keys/keys.ts';
import { admitItems } from '../admit-items.ts';
import { requireCaller } from '../authenticate.ts';
import { describeTask } from '../describe-task.ts';
import { linkBaseOf } from '../link-base.ts';
import { readRequest } from '../read-request.ts';
import type { SequencerServices } from '../services.ts';

/** Tasks that are read in one statement: parameters may be large, and what does not fit the answer should not be read. */
const CHUNK = 100;
/** `POST /tasks_query`: for each task what `task_result_query` answers, without its preview. One that fails does not fail the others. */
export async function queryTasks(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, tasksQuerySchema);
  const consumer = await requireCaller(c, services, body);
  const { task_ids } = body;
  const { queriedBytes } = admitItems(services, consumer, 'task_ids', task_ids.length, 'queriedTasks');
  const linkBase = linkBaseOf(c, services);
  const results: string[] = [];
  let bytes = 0;
  for (let start = 0; start < task_ids.length; start += CHUNK) {
    const ids = task_ids.slice(start, start + CHUNK);
    const answers = bytes < queriedBytes ? await describeTasks(services, ids, consumer, linkBase, false) : [];
    for (const [index, task_id] of ids.entries()) {
      const text = JSON.stringify(answers[index] ?? (bytes < queriedBytes ? noTask(task_id) : tooMuch(task_id)));
      // the first one is always answered, so that whoever asks again gets further
      const isWhole = !results.length || bytes + text.length <= queriedBytes;
      results.push(isWhole ? text : JSON.stringify(tooMuch(task_id)));
      bytes += isWhole ? Buffer.byteLength(text) : queriedBytes;
    }
  }
  return c.body(`{"results":[${results.join(',')}]}`, 200, { 'content-type': 'application/json' });
}

/** What a consumer may see of these tasks, in their order; `undefined` for those of others, and for unknown ones. */
export async function describeTasks(
  services: SequencerServices,
  task_ids: readonly string[],
  { owner, scope }: Identity,
  linkBase: string,
  withPreview: boolean,
) {
  const tasks = await services.tasks.find(task_ids, owner, scope);
  return await Promise.all(tasks.map((task) => task && describeTask(services, task, linkBase, withPreview)));
}

/** As the body of the error that a query for this task alone gets. */
export function noTask(task_id: string) {
  return { code: 'not_found', message: `There is no task ${task_id}.`, task_id };
}

function tooMuch(task_id: string) {
  return { code: 'payload_too_large', message: 'The answer is full. Ask for this task again.', task_id };
}
