import { sleep } from '@heurist/server-kit/sleep';
import type { Seen } from '../consumer.ts';
import type { LedgerDatabase } from '../database.ts';
import type { Broken } from '../faults/make-faults.ts';
import type { Network } from '../network.ts';
import { readLedger } from './ledger.ts';
import { checkTasks, type TaskVerdict } from './tasks.ts';
import { checkTurns } from './turns.ts';
import { type Arrival, checkWebhooks } from './webhooks.ts';

/** What happened. */
export interface Verdict extends TaskVerdict {
  /** Webhooks that arrived, each as often as it came. */
  webhooks: number;
  /** How long honest tasks took from their submit to their end, in milliseconds, the shortest first. */
  durations: number[];
}

/** Everything that was seen in a run. */
interface Evidence {
  seen: readonly Seen[];
  broken: Broken;
  arrivals: readonly Arrival[];
  network: Network;
}

/** A webhook that failed is tried again after seconds or minutes: too long to wait for. */
const HURRY_MS = 30_000;

/** Compares what everybody was told with what the database saw. */
export async function judge({ seen, broken, arrivals, network }: Evidence): Promise<Verdict> {
  await hurryWebhooks(network.ledger);
  const ledger = await readLedger(network.ledger);
  const owners = new Set(seen.map(({ owner }) => owner));
  const honest = ledger.filter(({ owner }) => owners.has(owner));
  const verdict = await checkTasks(seen, honest);
  const asked = seen.flatMap((each) => [...each.task_ids].map((task_id) => ({ ...each, task_id })));
  const problems = [
    ...broken.problems,
    ...verdict.problems,
    ...(await describeJobs(network.ledger, seen)),
    ...checkWebhooks(asked, arrivals),
    ...checkTurns(ledger, broken.pauses, owners),
  ];
  const durations = seen.flatMap(({ milliseconds }) => milliseconds ?? []).sort((a, b) => a - b);
  return { ...verdict, problems, webhooks: arrivals.length, durations };
}

/** Makes webhooks due that wait for their next attempt, until all have been delivered. */
async function hurryWebhooks(database: LedgerDatabase): Promise<void> {
  const end = performance.now() + HURRY_MS;
  const due = `FROM heurist.webhook WHERE state = 'waiting' AND next_at < 'infinity'`;
  while (performance.now() < end) {
    const [row] = await database.query<{ count: number }>(`SELECT count(*)::int AS count ${due}`);
    if (!row?.count) return;
    await database.query(`UPDATE heurist.webhook SET next_at = now() ${due.slice(due.indexOf('WHERE'))}`);
    await sleep(1500);
  }
}

/** What the queue and the table say of tasks that did not end in time: its history has why each attempt ended. */
async function describeJobs(database: LedgerDatabase, seen: readonly Seen[]): Promise<string[]> {
  const stuck = seen.flatMap(({ result, task_ids }) => (result ? [] : [...task_ids]));
  if (!stuck.length) return [];
  const ids = stuck.map((id) => `'${id}'`).join(', ');
  const rows = await database.query<{ id: string }>(
    `SELECT id, state::text, retry_count, job.priority, started_on, heartbeat_on, miner_id, history
     FROM pgboss.job LEFT JOIN heurist.task ON task_id = id WHERE id IN (${ids})`,
  );
  return stuck.map((id) => `task ${id}: its job is ${JSON.stringify(rows.find((row) => row.id === id) ?? 'gone')}`);
}
