import { HeuristError } from '@heurist/core';
import { findOpenSessions, type SessionRoom } from '../access/sessions/session-table.ts';
import { endedSession } from '../access/sessions/sessions.ts';
import type { Sql } from '../database/database.ts';
import { lockNames } from '../database/lock-names.ts';
import { findByJobIds } from './table/insert-tasks.ts';
import { countSubmitted, type Submitter, secondsUntilFewer } from './table/task-statistics.ts';

/** How much one owner may submit, whatever key it uses, or how much with one key. */
export interface Quota {
  openTasks: number;
  tasksPerMinute: number;
}

/** A submission, as far as its quota is concerned. */
interface Counted {
  consumer_id: string;
  job_id: string | undefined;
  /** Of its owner. */
  quota: Quota;
  /** Of the key that was used, if that is stricter. */
  keyQuota?: Quota | undefined;
  key_id?: string | undefined;
  /** The session that submits it. */
  session_id?: string | undefined;
}

/** Drafts that are counted together. */
interface Group<Draft> {
  submitter: Submitter;
  quota: Quota;
  drafts: Draft[];
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
 * Which submissions are over the quota of their owner or key. Inside the transaction that inserts the others: until it ends, no
 * other transaction, at any replica, can count for these owners. A task that was taken before and is sent again is not
 * counted.
 */
export async function refuseSurplus<Draft extends Counted>(
  sql: Sql,
  drafts: readonly Draft[],
): Promise<Map<Draft, HeuristError>> {
  const groups = groupsOf(drafts);
  // a statement of its own: the next one sees what was committed while this one waited
  await lockNames(
    sql,
    groups.map(({ submitter }) => submitter.consumer_id),
  );
  const counts = await countSubmitted(
    sql,
    groups.map(({ submitter }) => submitter),
  );
  const refused = await refuseSessions(sql, drafts);
  for (const [index, { submitter, quota, drafts }] of groups.entries()) {
    const { open, recent } = counts[index]!;
    const left = drafts.filter((draft) => !refused.has(draft));
    const room = Math.max(0, Math.min(quota.openTasks - open, quota.tasksPerMinute - recent));
    if (left.length <= room) continue;
    const surplus = await findSurplus(sql, left, room);
    if (!surplus.length) continue;
    const error = await explain(sql, submitter, quota, open, room);
    for (const draft of surplus) refused.set(draft, error);
  }
  return refused;
}

/** Sessions first of all: what they may not submit takes no room of their key and owner. */
async function refuseSessions<Draft extends Counted>(
  sql: Sql,
  drafts: readonly Draft[],
): Promise<Map<Draft, HeuristError>> {
  const refused = new Map<Draft, HeuristError>();
  const bySession = Map.groupBy(drafts, ({ session_id }) => session_id);
  bySession.delete(undefined);
  const open = await findOpenSessions(
    sql,
    [...bySession.keys()].filter((id) => id !== undefined),
  );
  for (const [session_id = '', own] of bySession) {
    const session = open.get(session_id);
    const room = session ? session.max_tasks - session.tasks : 0;
    if (session && own.length <= room) continue;
    const error = session ? usedUp(session) : endedSession('has ended');
    for (const draft of await findSurplus(sql, own, room)) refused.set(draft, error);
  }
  return refused;
}

/** Trying again does not help, so it is not `rate_limited`. */
const usedUp = ({ max_tasks }: SessionRoom) =>
  new HeuristError(
    `The session has submitted all of its ${max_tasks} tasks. Ask the server of your app for a new session token.`,
    { code: 'forbidden' },
  );

/** Whose quotas hold. Keys first: what a key may not submit takes no room of its owner. */
export function groupsOf<Draft extends Counted>(drafts: readonly Draft[]): Group<Draft>[] {
  const limited = drafts.filter(({ key_id, keyQuota }) => key_id !== undefined && keyQuota);
  const byKey = Map.groupBy(limited, ({ key_id }) => key_id);
  const byOwner = Map.groupBy(drafts, ({ consumer_id }) => consumer_id);
  return [
    ...[...byKey].map(([key_id, own]) => ({
      submitter: { consumer_id: own[0]!.consumer_id, key_id },
      quota: strictest(own.map(({ keyQuota, quota }) => keyQuota ?? quota)),
      drafts: own,
    })),
    ...[...byOwner].map(([consumer_id, own]) => ({
      submitter: { consumer_id },
      quota: strictest(own.map(({ quota }) => quota)),
      drafts: own,
    })),
  ];
}

/** The keys of one owner may have been looked up at different moments. */
function strictest(quotas: readonly Quota[]): Quota {
  return {
    openTasks: Math.min(...quotas.map(({ openTasks }) => openTasks)),
    tasksPerMinute: Math.min(...quotas.map(({ tasksPerMinute }) => tasksPerMinute)),
  };
}

/** Those that are more new tasks than there is room for. A `job_id` counts once; all that share one are surplus together. */
async function findSurplus<Draft extends Counted>(sql: Sql, drafts: readonly Draft[], room: number): Promise<Draft[]> {
  const known = new Set((await findByJobIds(sql, drafts)).map(({ job_id }) => job_id ?? undefined));
  const accepted = new Set<string | Draft>();
  return drafts.filter((draft) => {
    const { job_id } = draft;
    if (job_id !== undefined && known.has(job_id)) return false;
    const task = job_id ?? draft;
    if (accepted.size < room) accepted.add(task);
    return !accepted.has(task);
  });
}

/** @param taken - of the same moment: they count too, and are not yet in the table */
async function explain(
  sql: Sql,
  submitter: Submitter,
  { openTasks, tasksPerMinute }: Quota,
  open: number,
  taken: number,
): Promise<TooManyTasks> {
  const who = submitter.key_id === undefined ? submitter.consumer_id : `This key of ${submitter.consumer_id}`;
  const before = tasksPerMinute - taken;
  const seconds = before ? await secondsUntilFewer(sql, submitter, before) : 60;
  if (seconds === undefined)
    return new TooManyTasks(
      `${who} has ${open + taken} open tasks, and its limit allows ${openTasks}. Submit more when a task has ended.`,
      RETRY_SECONDS,
    );
  const wait = Math.max(1, Math.ceil(seconds));
  const whose = submitter.key_id === undefined ? submitter.consumer_id : `this key of ${submitter.consumer_id}`;
  return new TooManyTasks(
    `The limit of ${whose} allows ${tasksPerMinute} tasks per minute. Try again in ${wait} seconds.`,
    wait,
  );
}
