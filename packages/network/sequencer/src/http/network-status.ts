import type { NetworkStatus, WorkflowStatus } from '@heurist/core';
import { countTasks } from '../tasks/table/kept-counts.ts';
import type { WorkflowLoads } from '../tasks/table/model-statistics.ts';
import { busyMiners, deadWebhooks, recentFailures } from '../tasks/table/task-statistics.ts';
import type { SequencerServices } from './services.ts';

/** What the network can do now. Counts include the tasks of all consumers; failures, which reveal more, only the caller's. */
export async function networkStatus(services: SequencerServices, consumer_id: string): Promise<NetworkStatus> {
  const { database } = services;
  const [load, recent_failures, dead_webhooks] = await Promise.all([
    networkLoad(services),
    recentFailures(database, consumer_id),
    deadWebhooks(database, consumer_id),
  ]);
  return { ...load, recent_failures, dead_webhooks };
}

/** Which miners are connected, and how many tasks there are: nothing that belongs to one consumer. */
export async function networkLoad({
  database,
  miners,
  standings,
  fleet,
  workflows,
}: SequencerServices): Promise<Pick<NetworkStatus, 'miners' | 'workflows'>> {
  const [live, counts, busy, aside, { held }, loads] = await Promise.all([
    miners.list(),
    countTasks(
      database,
      workflows.map(({ workflow_id }) => workflow_id),
    ),
    busyMiners(database),
    standings.describe(),
    fleet.summary(),
    fleet.loads(),
  ]);
  const modelsOf = new Map(loads.map((each) => [each.workflow_id, describeLoads(each)]));
  return {
    miners: live.map((miner) => {
      const put_aside = aside.get(miner.miner_id);
      const models = [...(held.get(miner.miner_id) ?? [])].slice(0, MOST_MODELS);
      return {
        ...miner,
        is_busy: busy.has(miner.miner_id),
        ...(put_aside && { put_aside }),
        ...(models.length && { models }),
      };
    }),
    workflows: workflows.map(({ workflow_id, task_type, title }) => {
      const { run_ms, ...found } = counts.get(workflow_id) ?? { ...none, workflow_id };
      const runs = live.filter((miner) => miner.workflow_ids.includes(workflow_id)).length;
      const models = modelsOf.get(workflow_id);
      return {
        ...found,
        task_type,
        title,
        miners: runs,
        ...(run_ms !== null && { run_ms: Math.round(run_ms) }),
        ...(models && { models }),
      };
    }),
  };
}

/** Models of a miner that are listed. */
const MOST_MODELS = 20;

function describeLoads({ warm, cold, switches, load_ms }: WorkflowLoads): WorkflowStatus['models'] {
  return { warm, cold, switches, ...(load_ms !== null && { load_ms: Math.round(load_ms) }) };
}

const none = { waiting: 0, running: 0, finished: 0, failed: 0, run_ms: null };
