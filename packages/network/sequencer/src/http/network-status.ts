import type { DeadWebhook, NetworkStatus, RecentFailure, WorkflowStatus } from '@heurist/core';
import type { Sql } from '../database/database.ts';
import type { Services } from './context.ts';

type Counts = Omit<WorkflowStatus, 'task_type' | 'title' | 'miners' | 'run_ms'> & { run_ms: number | null };

/** What the network can do now. Counts are of everybody's tasks; failures, which say more, of the caller's. */
export async function networkStatus(services: Services, consumer_id: string): Promise<NetworkStatus> {
  const { database } = services;
  const [load, recent_failures, dead_webhooks] = await Promise.all([
    networkLoad(services),
    recentFailures(database, consumer_id),
    deadWebhooks(database, consumer_id),
  ]);
  return { ...load, recent_failures, dead_webhooks };
}

/** Who is there, and how much there is to do: what concerns nobody in particular. */
export async function networkLoad({
  database,
  miners,
  workflows,
}: Services): Promise<Pick<NetworkStatus, 'miners' | 'workflows'>> {
  const [live, counts, busy] = await Promise.all([miners.list(), countTasks(database), busyMiners(database)]);
  return {
    miners: live.map((miner) => ({ ...miner, is_busy: busy.has(miner.miner_id) })),
    workflows: workflows.map(({ workflow_id, task_type, title }) => {
      const { run_ms, ...found } = counts.get(workflow_id) ?? { ...none, workflow_id };
      const runs = live.filter((miner) => miner.workflow_ids.includes(workflow_id)).length;
      return { ...found, task_type, title, miners: runs, ...(run_ms !== null && { run_ms: Math.round(run_ms) }) };
    }),
  };
}

const none = { waiting: 0, running: 0, finished: 0, failed: 0, run_ms: null };

async function countTasks(sql: Sql): Promise<Map<string, Counts>> {
  // two parts, one for each index
  const rows = await sql.query<Counts>(
    `SELECT workflow_id,
       count(*) FILTER (WHERE status = 'waiting')::int AS waiting,
       count(*) FILTER (WHERE status = 'running')::int AS running,
       count(*) FILTER (WHERE status = 'finished')::int AS finished,
       count(*) FILTER (WHERE status = 'failed')::int AS failed,
       avg(extract(epoch FROM ended_at - claimed_at) * 1000) FILTER (WHERE status = 'finished')::float AS run_ms
     FROM (
       SELECT workflow_id, status, ended_at, claimed_at FROM heurist.task WHERE status IN ('waiting', 'running')
       UNION ALL
       SELECT workflow_id, status, ended_at, claimed_at FROM heurist.task WHERE ended_at > now() - interval '1 hour'
     ) AS recent
     GROUP BY workflow_id`,
  );
  return new Map(rows.map((row) => [row.workflow_id, row]));
}

async function busyMiners(sql: Sql): Promise<Set<string>> {
  const rows = await sql.query<{ miner_id: string }>(
    `SELECT DISTINCT miner_id FROM heurist.task WHERE status = 'running' AND miner_id IS NOT NULL`,
  );
  return new Set(rows.map(({ miner_id }) => miner_id));
}

async function recentFailures(sql: Sql, consumer_id: string): Promise<RecentFailure[]> {
  const rows = await sql.query<Omit<RecentFailure, 'ended_at'> & { ended_at: Date }>(
    `SELECT task_id, workflow_id, ended_at, error FROM heurist.task
     WHERE ended_at > now() - interval '1 day' AND status = 'failed' AND consumer_id = $1
     ORDER BY ended_at DESC LIMIT 20`,
    [consumer_id],
  );
  return rows.map((row) => ({ ...row, ended_at: row.ended_at.toISOString() }));
}

async function deadWebhooks(sql: Sql, consumer_id: string): Promise<DeadWebhook[]> {
  return await sql.query<DeadWebhook>(
    `SELECT webhook.task_id, url, attempts, last_error FROM heurist.webhook AS webhook JOIN heurist.task USING (task_id)
     WHERE webhook.state = 'dead' AND consumer_id = $1 ORDER BY ended_at DESC LIMIT 20`,
    [consumer_id],
  );
}
