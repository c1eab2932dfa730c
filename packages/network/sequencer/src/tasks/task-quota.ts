import { HeuristError } from '@heurist/core';
import type { Sql } from '../database/database.ts';
import { findByJobIds } from './table/insert-tasks.ts';
import { countSubmitted, lockOwners, secondsUntilFewer } from './table/task-statistics.ts';

/** How much one owner may submit, whatever key it uses. */
export interface Quota {
  openTasks: number;
  tasksPerMinute: number;
}

/** A submission, as far as its quota is concerned. */
interface Counted {
  consumer_id: string;
  job_id: string | undefined;
  quota: Quota;
}

/** A caller has reached a limit. */
export class TooManyTasks extends HeuristError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message, { code: 'rate_limited', isRetryable: true });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** When to try again if it depends on when a task ends, which cannot be known. */
const RETRY_SECONDS = 5;

/**
 * Which submissions are over the quota of their owner. Inside the transaction that inserts the others: until it ends, no
 * other transaction, at any replica, can count for these owners. A task that was taken before and is sent again is not
 * counted.
 */
export async function refuseSurplus<Draft extends Counted>(
  sql: Sql,
  drafts: readonly Draft[],
): Promise<Map<Draft, TooManyTasks>> {
  const byOwner = Map.groupBy(drafts, ({ consumer_id }) => consumer_id);
  // a statement of its own: the next one sees what was committed while this one waited
  await lockOwners(sql, [...byOwner.keys()]);
  const counts = await countSubmitted(sql, [...byOwner.keys()]);
  const refused = new Map<Draft, TooManyTasks>();
  for (const [index, own] of [...byOwner.values()].entries()) {
    const { open, recent } = counts[index]!;
    // the keys of one owner may have been looked up at different moments
    const quota: Quota = {
      openTasks: Math.min(...own.map((draft) => draft.quota.openTasks)),
      tasksPerMinute: Math.min(...own.map((draft) => draft.quota.tasksPerMinute)),
    };
    const room = Math.max(0, Math.min(quota.openTasks - open, quota.tasksPerMinute - recent));
    if (own.length <= room) continue;
    const surplus = (await withoutRepeats(sql, own)).slice(room);
    if (!surplus.length) continue;
    const error = await explain(sql, own[0]!.consumer_id, quota, open);
    for (const draft of surplus) refused.set(draft, error);
  }
  return refused;
}

/** Those that would be new tasks: a `job_id` counts once. */
async function withoutRepeats<Draft extends Counted>(sql: Sql, drafts: readonly Draft[]): Promise<Draft[]> {
  const known = new Set((await findByJobIds(sql, drafts)).map(({ job_id }) => job_id));
  return drafts.filter(({ job_id }) => {
    if (job_id === undefined) return true;
    const isNew = !known.has(job_id);
    known.add(job_id);
    return isNew;
  });
}

async function explain(sql: Sql, owner: string, quota: Quota, open: number): Promise<TooManyTasks> {
  const { openTasks, tasksPerMinute } = quota;
  const seconds = await secondsUntilFewer(sql, owner, tasksPerMinute);
  if (seconds === undefined)
    return new TooManyTasks(
      `${owner} has ${open} open tasks, and its limit allows ${openTasks}. Submit more when a task has ended.`,
      RETRY_SECONDS,
    );
  const wait = Math.max(1, Math.ceil(seconds));
  return new TooManyTasks(
    `The limit of ${owner} allows ${tasksPerMinute} tasks per minute. Try again in ${wait} seconds.`,
    wait,
  );
}
