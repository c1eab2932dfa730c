import type { Sql } from '../database/database.ts';
import { tryLockName } from '../database/lock-names.ts';
import type { Dispatch } from './dispatch.ts';
import { moveBack } from './table/insert-tasks.ts';
import { findLateLines, isLate, type LineKey, readLine } from './table/late-lines.ts';
import { catchUp } from './turns.ts';

/**
 * Gives owners that were passed by one task in each turn again. In the transaction of a claim, just before it takes the next
 * tasks, so that no other claim is seen in between. It waits for nobody: tasks that another transaction holds stay as they
 * are.
 */
export async function catchUpLate(sql: Sql, dispatch: Dispatch, workflow_id: string): Promise<void> {
  if (!(await isLate(sql, workflow_id))) return;
  for (const line of await findLateLines(sql, workflow_id)) await moveLine(sql, dispatch, line);
}

async function moveLine(sql: Sql, dispatch: Dispatch, line: LineKey): Promise<void> {
  // so that a submission of the owner waits; one that is under way goes on, and may join a turn that is taken
  await tryLockName(sql, line.consumer_id);
  const free = await dispatch.lockFree(sql, await readLine(sql, line));
  // once more: another claim may have moved them before they were locked
  const tasks = await readLine(sql, line);
  const turns = catchUp(
    tasks.map(({ turn }) => turn),
    tasks[0]?.served ?? 0,
  );
  const late = tasks
    .map((task, index) => ({ ...task, turns: turns[index]! - task.turn }))
    .filter(({ task_id, turns }) => turns > 0 && free.has(task_id));
  if (!late.length) return;
  await dispatch.moveBack(sql, late);
  await moveBack(sql, late);
}
