import type { Sql } from '../database/database.ts';
import { isLockTimeout } from '../database/postgres-errors.ts';
import type { TaskContext } from './change-task.ts';
import { moveBack } from './table/insert-tasks.ts';
import { findLateLines, findLateWorkflows, type LineKey, readLine } from './table/late-lines.ts';
import { lockOwners } from './task-quota.ts';
import { catchUp } from './turns.ts';

/** How long a claim waits for a submission of an owner to end, in milliseconds. One that hangs must not stop the others. */
const PATIENCE_MS = 500;

/** Gives owners that were passed by one task in each turn again, before the next tasks of these workflows are claimed. */
export async function catchUpLate({ database, dispatch }: TaskContext, workflow_ids: readonly string[]): Promise<void> {
  for (const workflow_id of await findLateWorkflows(database, workflow_ids))
    for (const line of await findLateLines(database, workflow_id))
      await database
        .transaction((sql) => move(sql, dispatch, line))
        .catch((error) => {
          if (!isLockTimeout(error)) throw error;
        });
}

async function move(sql: Sql, dispatch: TaskContext['dispatch'], line: LineKey): Promise<void> {
  await sql.query(`SELECT set_config('lock_timeout', $1, true)`, [`${PATIENCE_MS}`]);
  await lockOwners(sql, [line.consumer_id]);
  const tasks = await readLine(sql, line);
  const turns = catchUp(
    tasks.map(({ turn }) => turn),
    tasks[0]?.served ?? 0,
  );
  const moved = tasks
    .map((task, index) => ({ ...task, turns: turns[index]! - task.turn }))
    .filter(({ turns }) => turns > 0);
  if (!moved.length) return;
  const waiting = await dispatch.moveBack(sql, moved);
  await moveBack(
    sql,
    moved.filter(({ task_id }) => waiting.has(task_id)),
  );
}
