import type { Database, Sql } from '../database/database.ts';
import { lockNames, tryLockName } from '../database/lock-names.ts';
import { isLockTimeout } from '../database/postgres-errors.ts';
import type { Dispatch } from './dispatch.ts';
import { moveTurns } from './table/insert-tasks.ts';
import { findLateLines, type LineKey, lockLine, readLine, settleLine } from './table/late-lines.ts';
import { catchUp, hasGap } from './turns.ts';

/** How long claims that are under way are waited for, in milliseconds. One that hangs must not stop the others. */
const PATIENCE_MS = 300;

/** Claims of a workflow share this lock. Whoever moves its waiting tasks has it alone: a claim passes tasks that are locked. */
export const claimsLock = (workflow_id: string) => `claims ${workflow_id}`;

/** Gives owners that were passed by or skip turns one task in each turn again, before the next tasks of a workflow are claimed. */
export async function catchUpLate(database: Database, dispatch: Dispatch, workflow_id: string): Promise<void> {
  await database
    .transaction(async (sql) => {
      await sql.query(`SELECT set_config('lock_timeout', $1, true)`, [`${PATIENCE_MS}`]);
      await lockNames(sql, [claimsLock(workflow_id)]);
      for (const line of await findLateLines(sql, workflow_id)) await moveLine(sql, dispatch, line);
    })
    .catch((error) => {
      if (!isLockTimeout(error)) throw error;
    });
}

async function moveLine(sql: Sql, dispatch: Dispatch, line: LineKey): Promise<void> {
  // so that a submission of the owner waits; one that is under way goes on, and may join a turn that is taken
  await tryLockName(sql, line.consumer_id);
  const isLocked = await lockLine(sql, line);
  const tasks = await readLine(sql, line);
  const turns = catchUp(
    tasks.map(({ turn }) => turn),
    tasks[0]?.served ?? 0,
  );
  const changed = tasks
    .map((task, index) => ({ ...task, turns: turns[index]! - task.turn }))
    .filter(({ turns }) => turns !== 0);
  const free = await dispatch.lockFree(sql, changed);
  const moved = changed.filter(({ task_id }) => free.has(task_id));
  const isDone = moved.length === changed.length;
  if (isLocked) await settleLine(sql, line, { last: turns.at(-1) ?? 0, hasGap: !isDone || hasGap(turns) });
  if (!moved.length) return;
  await dispatch.moveTurns(sql, moved);
  await moveTurns(sql, moved);
}
