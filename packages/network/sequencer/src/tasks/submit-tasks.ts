import { createHash, randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { addSessionTasks } from '../access/sessions/session-table.ts';
import type { Database, Sql } from '../database/database.ts';
import type { Dispatch } from './dispatch.ts';
import type { OneTrip } from './one-trip.ts';
import { shownJobId } from './scoped-job-id.ts';
import { findByJobIds, findShifted, insertTasks, moveTurns, readLines, writeGiven } from './table/insert-tasks.ts';
import { countBefore } from './table/read-tasks.ts';
import type { TaskPlace, TaskRecord } from './table/task-record.ts';
import { groupsOf, type Quota, refuseSurplus } from './task-quota.ts';
import { type Placement, type Priority, placeTasks } from './turns.ts';
import { insertWebhooks } from './webhooks/webhook-table.ts';

/** A task as it is submitted. */
export interface Submission {
  consumer_id: string;
  job_id: string | undefined;
  task_type: string;
  workflow_id: string;
  /** Whether the network picked the workflow: with the same `job_id`, another pick is the same task. Default `false`. */
  isPicked?: boolean;
  task_details: Record<string, unknown>;
  timeout_seconds: number | undefined;
  /** Among the consumer's own tasks; higher goes first. */
  priority: Priority;
  /** Of its owner. */
  quota: Quota;
  /** Of the key that was used, if that is stricter. */
  keyQuota?: Quota | undefined;
  key_id?: string | undefined;
  /** The session or end user that it is for, if any: others do not see it, and have job ids of their own. */
  scope?: string | undefined;
  /** The session that submits it, which counts its tasks. */
  session_id?: string | undefined;
  /** W3C trace context of its spans. */
  traceparent: string | undefined;
  /** The models that it needs; empty or missing if none. */
  model_key?: string | undefined;
  /** Where to announce its end, and what links for its consumer begin with. */
  webhook?: { url: string; origin: string } | undefined;
}

/** A task that is about to be recorded. */
interface Draft extends Submission {
  task_id: string;
  fingerprint: string;
  turn: number;
  /** About how many tasks of the same workflow are before it. */
  position: number;
}

/** What became of a submission. */
export interface Submitted {
  task: TaskPlace;
  /** Of a new task: about how many of the same workflow are before it. Others may come in between at this moment. */
  position?: number;
}

/**
 * Records and queues tasks, all together or none. The same consumer and `job_id` get the same task.
 *
 * @param oneTrip - the short way, for those with nothing special. Default: they go by a transaction
 * @returns in the order of the submissions; the error `job_id_conflict` if a `job_id` was used for a different task,
 *   the refusal for those over the quota of their owner or session
 */
export async function submitTasks(
  database: Database,
  dispatch: Dispatch,
  submissions: readonly Submission[],
  oneTrip?: OneTrip,
): Promise<(Submitted | HeuristError)[]> {
  const drafts = submissions.map(
    (task): Draft => ({ ...task, task_id: randomUUID(), fingerprint: fingerprintOf(task), turn: 0, position: 0 }),
  );
  const short = oneTrip && (await submitShort(oneTrip, drafts));
  if (short) return short;
  const { inserted, refused } = await database.transaction(async (sql) => {
    const refused = await refuseSurplus(sql, drafts);
    const accepted = drafts.filter((draft) => !refused.has(draft));
    return { inserted: await record(sql, dispatch, await findNew(sql, accepted)), refused };
  });
  const repeated = drafts.filter((draft) => !inserted.has(draft.task_id) && !refused.has(draft));
  const earlier = new Map(
    (await findByJobIds(database, repeated)).map((task) => [keyOf(task.consumer_id, task.job_id), task]),
  );
  return drafts.map((draft) => {
    const { task_id, consumer_id, job_id, position } = draft;
    const refusal = refused.get(draft);
    if (refusal) return refusal;
    const task = inserted.get(task_id);
    if (task) return { task, position };
    const known = earlier.get(keyOf(consumer_id, job_id));
    if (known && isSame(known, draft)) return { task: known };
    return new HeuristError(
      `job_id ${shownJobId(draft)} was already used for a different task. Use a new one for each task.`,
      {
        code: 'job_id_conflict',
      },
    );
  });
}

/** Those of sessions, with webhooks or with a `job_id` twice are special: then nothing has happened. */
async function submitShort(oneTrip: OneTrip, drafts: readonly Draft[]): Promise<Submitted[] | undefined> {
  const isSpecial = drafts.some(({ session_id, webhook, job_id }) => session_id || webhook || job_id === undefined);
  const names = new Set(drafts.map(({ consumer_id, job_id }) => keyOf(consumer_id, job_id)));
  if (isSpecial || names.size < drafts.length) return undefined;
  const quotas = groupsOf(drafts).map(({ submitter, quota, drafts }) => ({ submitter, quota, count: drafts.length }));
  const recorded = await oneTrip.submit(drafts, quotas);
  return recorded && drafts.map(({ task_id }) => recorded.get(task_id)!);
}

/**
 * Without tasks that were taken before: a repeat must not take a turn of its owner. After {@link refuseSurplus}, in the same
 * transaction: no other one adds tasks of these owners.
 */
async function findNew(sql: Sql, drafts: readonly Draft[]): Promise<Draft[]> {
  const named = drafts.filter(({ job_id }) => job_id !== undefined);
  const known = new Set((await findByJobIds(sql, named)).map(({ consumer_id, job_id }) => keyOf(consumer_id, job_id)));
  return drafts.filter(({ consumer_id, job_id }) => {
    if (job_id === undefined) return true;
    const key = keyOf(consumer_id, job_id);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

async function record(sql: Sql, dispatch: Dispatch, drafts: readonly Draft[]): Promise<Map<string, TaskPlace>> {
  if (!drafts.length) return new Map();
  await assignTurns(sql, dispatch, drafts);
  const rows = drafts.map(({ webhook, ...draft }) => ({ ...draft, has_webhook: webhook !== undefined }));
  const inserted = await insertTasks(sql, rows);
  await dispatch.send(sql, [...inserted.values()]);
  const webhooks = drafts.flatMap(({ task_id, consumer_id, webhook }) =>
    webhook && inserted.has(task_id) ? { task_id, owner: consumer_id, ...webhook } : [],
  );
  await insertWebhooks(sql, webhooks);
  await addSessionTasks(
    sql,
    drafts.flatMap(({ task_id, session_id }) => (session_id && inserted.has(task_id) ? session_id : [])),
  );
  return inserted;
}

/** Whether a draft is a resend of a task. Which miners were connected, and so what the network picked, may differ. */
function isSame({ fingerprint, workflow_id }: TaskRecord, draft: Draft): boolean {
  const same = draft.isPicked ? { ...draft, workflow_id } : draft;
  // the version before kept that of the whole addresses
  return fingerprint === fingerprintOf(same) || fingerprint === hashOf(factsOf(same));
}

/** What makes two submissions with one `job_id` the same. A file has another signed address each time that it is uploaded. */
function fingerprintOf(submission: Submission): string {
  return hashOf(factsOf(submission).replaceAll(/(\/artifacts\/[0-9a-f-]{36})\?expires=\d+&signature=[\w-]+/g, '$1'));
}

const factsOf = ({ task_type, workflow_id, task_details, timeout_seconds }: Submission) =>
  JSON.stringify([task_type, workflow_id, task_details, timeout_seconds ?? null]);

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Gives each draft its turn, and moves the tasks back that it overtakes. */
async function assignTurns(sql: Sql, dispatch: Dispatch, drafts: readonly Draft[]): Promise<void> {
  const groups = [...Map.groupBy(drafts, (draft) => keyOf(draft.consumer_id, draft.workflow_id)).values()];
  const lines = await readLines(
    sql,
    groups.map(([first]) => first!),
  );
  const placements = groups.map((group, index) =>
    placeTasks(
      lines[index]!,
      group.map(({ priority }) => priority),
    ),
  );
  await shift(sql, dispatch, groups, placements);
  for (const [index, group] of groups.entries())
    for (const [place, draft] of group.entries()) draft.turn = placements[index]!.turns[place]!;
  const before = await countBefore(
    sql,
    groups.map(([first]) => ({ ...first!, number: Number.MAX_SAFE_INTEGER })),
  );
  for (const [index, group] of groups.entries())
    for (const [place, draft] of group.entries()) draft.position = before[index]! + place;
  const given = groups.map(([first], index) => ({ ...first!, given: placements[index]!.given }));
  await writeGiven(sql, given);
}

/** Jobs first, then tasks, as every change does: two that lock the same rows in another order would wait for each other. */
async function shift(
  sql: Sql,
  dispatch: Dispatch,
  groups: readonly Draft[][],
  placements: readonly Placement[],
): Promise<void> {
  const shifts = groups.flatMap(([first], index) =>
    [...placements[index]!.shifts].map(([priority, turns]) => ({ ...first!, priority, turns })),
  );
  if (!shifts.length) return;
  const moved = await findShifted(sql, shifts);
  const waiting = await dispatch.moveTurns(sql, moved);
  await moveTurns(
    sql,
    moved.filter(({ task_id }) => waiting.has(task_id)),
  );
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts);
