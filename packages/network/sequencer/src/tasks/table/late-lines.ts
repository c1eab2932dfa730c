// Statements on the task table about turns that are late, and work that nobody takes.
import type { Sql } from '../../database/database.ts';
import { PRIORITIES } from '../turns.ts';

/** Tasks of one owner in one workflow. */
export interface LineKey {
  consumer_id: string;
  workflow_id: string;
}

/** A waiting task of a line. */
export interface LineTask {
  task_id: string;
  workflow_id: string;
  turn: number;
  /** The turn that its workflow serves. */
  served: number;
}

/** How many late tasks of a workflow are looked at before a claim. */
const MOST_LATE = 1000;

/** The last turn of which a task was claimed, in the workflow of `row`. */
function lastServed(row: string): string {
  return `(SELECT max(turn) FROM heurist.task WHERE attempt > 0 AND task.workflow_id = ${row}.workflow_id)`;
}

/** The first turn that waits, in the workflow of `row`. */
function firstWaiting(row: string): string {
  return `(SELECT min(turn) FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = ${row}.workflow_id)`;
}

/** The turn that is served, in the workflow of `row`. */
export function servedNow(row: string): string {
  return `GREATEST(${lastServed(row)}, ${firstWaiting(row)})`;
}

/** Whether the first tasks of a line of `heurist.line` were canceled, and what is left is due later than that of others, or nothing is. */
const SKIPS_TURNS = `line.has_gap AND coalesce((
  SELECT min(turn) FROM heurist.task WHERE task.consumer_id = line.consumer_id AND task.workflow_id = line.workflow_id
    AND status = 'waiting' AND priority IN (${PRIORITIES.join(', ')})
) > ${servedNow('line')} + 1, true)`;

/** A waiting task of this line was canceled. */
export async function markGap(sql: Sql, { consumer_id, workflow_id }: LineKey): Promise<void> {
  await sql.query(
    'UPDATE heurist.line SET has_gap = true WHERE consumer_id = $1 AND workflow_id = $2 AND NOT has_gap',
    [consumer_id, workflow_id],
  );
}

/** Locks a line, unless another transaction changes it. Returns whether it did. */
export async function lockLine(sql: Sql, { consumer_id, workflow_id }: LineKey): Promise<boolean> {
  const query = 'SELECT FROM heurist.line WHERE consumer_id = $1 AND workflow_id = $2 FOR UPDATE SKIP LOCKED';
  return (await sql.query(query, [consumer_id, workflow_id])).length > 0;
}

/** The turns of a line have changed. Only with the line locked since before its tasks were read. */
export async function settleLine(
  sql: Sql,
  { consumer_id, workflow_id }: LineKey,
  { last, hasGap }: { last: number; hasGap: boolean },
): Promise<void> {
  await sql.query(
    `UPDATE heurist.line SET has_gap = $3, turn = GREATEST(turn, $4)
     WHERE consumer_id = $1 AND workflow_id = $2 AND (has_gap <> $3 OR turn < $4)`,
    [consumer_id, workflow_id, hasGap, last],
  );
}

/** Whether a task of an earlier turn waits than the one that is served, or an owner has lost its turn: a look into three indexes. */
export async function isLate(sql: Sql, workflow_id: string): Promise<boolean> {
  const [row] = await sql.query<{ is_late: boolean | null }>(
    `SELECT ${firstWaiting('own')} < ${lastServed('own')}
       OR EXISTS (SELECT FROM heurist.line WHERE line.workflow_id = own.workflow_id AND ${SKIPS_TURNS}) AS is_late
     FROM (VALUES ($1)) AS own(workflow_id)`,
    [workflow_id],
  );
  return row?.is_late ?? false;
}

/**
 * The owners in a workflow with a task of an earlier turn than the one that is served and another one that is due beside it,
 * and those that have lost their turn.
 */
export async function findLateLines(sql: Sql, workflow_id: string): Promise<LineKey[]> {
  return await sql.query<LineKey>(
    `WITH served AS MATERIALIZED (SELECT ${lastServed('own')} AS turn FROM (VALUES ($1)) AS own(workflow_id)),
     late AS MATERIALIZED (
       SELECT DISTINCT task.consumer_id FROM (
         SELECT consumer_id FROM heurist.task WHERE status = 'waiting' AND workflow_id = $1
           AND turn < (SELECT turn FROM served) ORDER BY turn, number LIMIT ${MOST_LATE}
       ) AS task
     )
     SELECT $1 AS workflow_id, consumer_id FROM late WHERE (
       SELECT count(*) FROM heurist.task WHERE task.consumer_id = late.consumer_id AND workflow_id = $1
         AND status = 'waiting' AND priority IN (${PRIORITIES.join(', ')}) AND turn <= (SELECT turn FROM served)
     ) > 1
     UNION SELECT workflow_id, consumer_id FROM heurist.line WHERE workflow_id = $1 AND ${SKIPS_TURNS}`,
    [workflow_id],
  );
}

/** The waiting tasks of a line, the first one first. The turn that is served is looked up once, not for each of them. */
export async function readLine(sql: Sql, { consumer_id, workflow_id }: LineKey): Promise<LineTask[]> {
  return await sql.query<LineTask>(
    `SELECT task_id, workflow_id, turn,
       (SELECT ${servedNow('own')} FROM (VALUES ($2::text)) AS own(workflow_id)) AS served
     FROM heurist.task WHERE status = 'waiting' AND consumer_id = $1 AND workflow_id = $2 AND priority IN (${PRIORITIES.join(', ')})
     ORDER BY turn, number`,
    [consumer_id, workflow_id],
  );
}

/** The workflows whose first task has waited for `seconds`, in which no task was claimed for as long, and the last one does not run. */
export async function findNeglected(sql: Sql, workflow_ids: readonly string[], seconds: number): Promise<string[]> {
  const rows = await sql.query<{ workflow_id: string }>(
    `SELECT workflow_id FROM unnest($1::text[]) AS workflow(workflow_id),
       LATERAL (SELECT now() - $2 * interval '1 second' AS time) AS past
     WHERE (
       SELECT created_at FROM heurist.task WHERE status = 'waiting' AND task.workflow_id = workflow.workflow_id
       ORDER BY turn, number LIMIT 1
     ) < past.time AND coalesce((
       SELECT status <> 'running' AND claimed_at < past.time FROM heurist.task
       WHERE attempt > 0 AND task.workflow_id = workflow.workflow_id ORDER BY turn DESC LIMIT 1
     ), true)`,
    [workflow_ids, seconds],
  );
  return rows.map(({ workflow_id }) => workflow_id);
}
