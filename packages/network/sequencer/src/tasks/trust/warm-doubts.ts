import type { Sql } from '../../database/database.ts';
import type { EndedTask } from '../table/change-tasks.ts';
import { DOUBTED, judgeWarmRun, type UsualRun } from './warm-belief.ts';

/** For how long a miner is not believed. */
const DOUBTED_SECONDS = 3600;
/** Then it is believed again, with this much doubt. */
const REMAINING = DOUBTED / 2;

/** What is held against a miner that said what was not so. */
export interface WarmDoubt {
  miner_id: string;
  doubt: number;
  is_doubted: boolean;
}

/** All of them: miners that were always right have none. */
export async function readWarmDoubts(sql: Sql): Promise<WarmDoubt[]> {
  return await sql.query<WarmDoubt>(
    `SELECT miner_id, doubt, coalesce(doubted_until > clock_timestamp(), false) AS is_doubted FROM heurist.warm_doubt`,
  );
}

/** Changes the doubt in miners. What comes at once does not make it whole: the next run decides. */
export async function addWarmDoubts(sql: Sql, changes: ReadonlyMap<string, number>): Promise<void> {
  // in one order, or two replicas could wait for each other
  const sorted = [...changes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const next = 'greatest(0, known.doubt + excluded.doubt)';
  await sql.query(
    `INSERT INTO heurist.warm_doubt AS known (miner_id, doubt, changed_at)
     SELECT miner_id, least(doubt, ${DOUBTED - 1}), clock_timestamp() FROM unnest($1::text[], $2::int[]) AS new(miner_id, doubt)
     ON CONFLICT (miner_id) DO UPDATE SET changed_at = excluded.changed_at,
       doubt = CASE WHEN ${next} >= ${DOUBTED} THEN ${REMAINING} ELSE ${next} END,
       doubted_until = CASE WHEN ${next} >= ${DOUBTED}
         THEN clock_timestamp() + interval '${DOUBTED_SECONDS} seconds' ELSE known.doubted_until END`,
    [sorted.map(([miner_id]) => miner_id), sorted.map(([, change]) => change)],
  );
}

/** Deletes those of miners that were right for a day, or gone. */
export async function deleteOldWarmDoubts(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM heurist.warm_doubt WHERE changed_at < clock_timestamp() - interval '1 day' AND coalesce(doubted_until < clock_timestamp(), true)`,
  );
}

/** How runs of miners that said to hold the models change the doubt in them. Those of miners without doubt that were warm change nothing. */
export function doubtChanges(
  tasks: readonly EndedTask[],
  usual: (model_key: string) => UsualRun | undefined,
  doubts: ReadonlyMap<string, WarmDoubt>,
): Map<string, number> {
  const changes = new Map<string, number>();
  const hasDoubt = (miner_id: string) => (doubts.get(miner_id)?.doubt ?? 0) > 0;
  for (const { miner_id, model_key, was_warm, load_ms, claimed_at, ended_at, upload_ms } of tasks) {
    if (!was_warm || miner_id === null || !claimed_at || !ended_at) continue;
    const held_ms = ended_at.getTime() - claimed_at.getTime() - (upload_ms ?? 0);
    const change = judgeWarmRun({ held_ms, load_ms }, usual(model_key));
    if (change > 0 || (change < 0 && hasDoubt(miner_id))) changes.set(miner_id, (changes.get(miner_id) ?? 0) + change);
  }
  return changes;
}
