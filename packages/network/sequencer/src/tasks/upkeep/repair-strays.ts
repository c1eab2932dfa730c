import { withAttempt } from '../attempts.ts';
import { changeTask, type TaskContext } from '../change-task.ts';
import type { Stray } from '../dispatch.ts';
import { lockTasks } from '../table/read-tasks.ts';

/** What becomes of a task whose last attempt has no job. */
const LOST = {
  code: 'miner_lost',
  message: 'The last attempt of this task was lost. Submit it again.',
  is_retryable: true,
} as const;

/**
 * Compares tasks with jobs. pg-boss ends a job that runs for too long, and a restored backup may miss one: without its job
 * a task would wait or run for ever.
 *
 * @returns how many tasks were repaired
 */
export async function repairStrays(context: TaskContext): Promise<number> {
  const strays = await context.dispatch.findStrays(context.database);
  let repaired = 0;
  for (const stray of strays) {
    // outside the transaction: the embedded database has one connection
    await context.dispatch.ensureQueue(stray.workflow_id);
    if (!(await repair(context, stray))) continue;
    repaired++;
    context.bus.publishWork(stray.workflow_id);
  }
  return repaired;
}

async function repair(context: TaskContext, stray: Stray): Promise<boolean> {
  const { dispatch } = context;
  if (stray.status === 'waiting') return await queueAgain(context, stray);
  const { task_id } = stray;
  // another replica may have been here
  if (dispatch.isLastAttempt(stray))
    return await hasChanged(context, {
      task_id,
      event: 'fail',
      columns: (task) => ({ error: LOST, history: withAttempt(task, LOST) }),
      settle: (sql) => dispatch.isStray(sql, task_id),
    });
  return await hasChanged(context, {
    task_id,
    event: 'hand_out_again',
    columns: (task) => ({ progress: null, history: withAttempt(task, LOST) }),
    settle: async (sql) => (await dispatch.isStray(sql, task_id)) && (await dispatch.replaceJob(sql, stray)),
  });
}

async function hasChanged(...change: Parameters<typeof changeTask>): Promise<boolean> {
  return (await changeTask(...change)) !== undefined;
}

/** Gives a waiting task its job. */
async function queueAgain({ database, dispatch }: TaskContext, stray: Stray): Promise<boolean> {
  return await database.transaction(async (sql) => {
    const [task] = await lockTasks(sql, [stray.task_id]);
    if (task?.status !== 'waiting' || !(await dispatch.isStray(sql, stray.task_id))) return false;
    return await dispatch.replaceJob(sql, stray);
  });
}
