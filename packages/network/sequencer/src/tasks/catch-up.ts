import type { Sql } from '../database/database.ts';
import { tryLockName } from '../database/lock-names.ts';
import type { Dispatch } from './dispatch.ts';
import { moveBack } from './table/insert-tasks.ts';
import { findLateLines, isLate, type LineKey, readLine } from './table/late-lines.ts';
import { catchUp } from './turns.ts';

/**
 * Gives owners that were passed by one task in each turn again. In the transaction of a claim, just before it takes the next
 * tasks, so that no other claim is seen in between. It waits for nobody: an owner that submits at this moment, and tasks that
 * another transaction holds, stay as they are until the next claim.
 */
export async function catchUpLate(sql: Sql, dispatch: Dispatch, workflow_id: string): Promise<void> {
  if (!(await isLate(sql, workflow_id))) return;
  for (const line of await findLateLines(sql, workflow_id)) await moveLine(sql, dispatch, line);
}

async function moveLine(sql: Sql, dispatch: Dispatch, line: LineKey): Promise<void> {
  if (!(await tryLockName(sql, line.consumer_id))) return;
  const tasks = await readLine(sql, line);
  const turns = catchUp(
    tasks.map(({ turn }) => turn),
    tasks[0]?.served ?? 0,
  );
  const late = tasks
    .map((task, index) => ({ ...task, turns: turns[index]! - task.turn }))
    .filter(({ turns }) => turns > 0);
  if (!late.length) return;
  const free = await dispatch.lockFree(sql, late);
  const moved = await dispatch.moveBack(
    sql,
    late.filter(({ task_id }) => free.has(task_id)),
  );
  await moveBack(
    sql,
    late.filter(({ task_id }) => moved.has(task_id)),
  );
}
