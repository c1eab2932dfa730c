import { HeuristError } from '@heurist/core';
import type { Identity } from '../access/keys.ts';
import type { Sql } from '../database/database.ts';
import { countOpen, secondsUntilFewer } from './table/task-statistics.ts';

/** A caller has reached a limit of its key. */
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

/** When to try again if it depends on when a task ends, which cannot be known. */
const RETRY_SECONDS = 5;

/**
 * Checks a submit against the limits of its key. Counted in the database, so that limits hold over all replicas; two
 * submits of the same moment may both pass.
 *
 * @throws {TooManyTasks}
 */
export async function checkQuota(sql: Sql, identity: Identity): Promise<void> {
  const {
    owner,
    limits: { max_open_tasks, max_tasks_per_minute },
  } = identity;
  if (max_open_tasks !== undefined) {
    const open = await countOpen(sql, owner);
    if (open >= max_open_tasks)
      throw new TooManyTasks(
        `${owner} has ${open} open tasks, and this key allows ${max_open_tasks}. Submit more when a task has ended.`,
        RETRY_SECONDS,
      );
  }
  if (max_tasks_per_minute === undefined) return;
  const seconds = await secondsUntilFewer(sql, owner, max_tasks_per_minute);
  if (seconds === undefined) return;
  const wait = Math.max(1, Math.ceil(seconds));
  throw new TooManyTasks(
    `This key allows ${max_tasks_per_minute} tasks per minute. Try again in ${wait} seconds.`,
    wait,
  );
}
