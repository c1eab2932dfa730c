import { HeuristError } from '@heurist/core';
import type { Sql } from '../database/database.ts';
import type { Identity } from './keys.ts';

/** A caller that asks for too much now, and when to come again. */
export class TooManyTasks extends HeuristError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message, { code: 'rate_limited', isRetryable: true });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether a key has limits at all. */
export function isLimited({ limits }: Identity): boolean {
  return Object.keys(limits).length > 0;
}

/** Nobody knows when a task ends. */
const LOOK_AGAIN_SECONDS = 5;

/**
 * Checks a submit against the limits of its key. Counted in the database, so that it holds over all replicas; two
 * submits of the same moment may both pass.
 *
 * @throws {TooManyTasks}
 */
export async function checkQuota(
  sql: Sql,
  { owner, limits: { max_open_tasks, max_tasks_per_minute } }: Identity,
): Promise<void> {
  if (max_open_tasks !== undefined) {
    const query = `SELECT count(*)::int AS count FROM heurist.task WHERE consumer_id = $1 AND status IN ('waiting', 'running')`;
    const [row] = await sql.query<{ count: number }>(query, [owner]);
    if (row!.count >= max_open_tasks)
      throw new TooManyTasks(
        `${row!.count} tasks of ${owner} wait or run; this key may have ${max_open_tasks}. Submit more when one has ended.`,
        LOOK_AGAIN_SECONDS,
      );
  }
  if (max_tasks_per_minute === undefined) return;
  // the one whose minute must pass before there is room
  const query = `SELECT extract(epoch FROM created_at + interval '1 minute' - now())::float8 AS seconds FROM heurist.task
    WHERE consumer_id = $1 AND created_at > now() - interval '1 minute'
    ORDER BY created_at DESC OFFSET $2 LIMIT 1`;
  const [first] = await sql.query<{ seconds: number }>(query, [owner, max_tasks_per_minute - 1]);
  if (first)
    throw new TooManyTasks(
      `This key may submit ${max_tasks_per_minute} tasks a minute. Go on in a moment.`,
      Math.max(1, Math.ceil(first.seconds)),
    );
}
