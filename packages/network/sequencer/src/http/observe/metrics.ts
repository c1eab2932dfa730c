import type { MinerStatus, WorkflowStatus } from '@heurist/core';
import type { Hono } from 'hono';
import { Gauge, Registry } from 'prom-client';
import type { Room } from '../../files/storage-room.ts';
import { OTHER } from '../../metrics/bound-label.ts';
import type { Times } from '../../tasks/run-times.ts';
import { oldestWaiting } from '../../tasks/table/kept-counts.ts';
import type { StandingRow } from '../../tasks/trust/standing-table.ts';
import { requireOperator } from '../authenticate.ts';
import { networkLoad } from '../network-status.ts';
import type { SequencerServices } from '../services.ts';

/** A number for each set of labels. */
interface Reading {
  name: string;
  help: string;
  labels: readonly string[];
  values: { labels: Record<string, string>; value: number }[];
}

/** Miners in trouble that have lines of their own; the others are counted together. */
const MOST_FAILING = 100;

/** `GET /metrics` for Prometheus, for operators only. */
export function addMetricsRoute(app: Hono, services: SequencerServices): void {
  app.get('/metrics', async (c) => {
    await requireOperator(c, services);
    const gauges = new Registry();
    for (const { name, help, labels, values } of await readGauges(services)) {
      const gauge = new Gauge({ name, help, labelNames: labels, registers: [gauges] });
      // one without labels begins with 0, which nobody has measured
      if (!labels.length) gauge.remove();
      for (const { labels, value } of values) gauge.set(labels, value);
    }
    const text = await Registry.merge([gauges, services.counters.registry]).metrics();
    return c.text(text, 200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE });
  });
}

/** What is in the database: every replica returns the same, so queries take the `max` over replicas. */
async function readGauges(services: SequencerServices): Promise<Reading[]> {
  const [{ miners, workflows }, oldest, times, webhooks, standings, room] = await Promise.all([
    networkLoad(services),
    oldestWaiting(
      services.database,
      services.workflows.map(({ workflow_id }) => workflow_id),
    ),
    services.runTimes.all(),
    services.webhooks.count(),
    services.standings.list(),
    services.storageRoom.measure(),
  ]);
  const busy = miners.filter(({ is_busy }) => is_busy).length;
  const states = new Map([
    ['busy', busy],
    ['idle', miners.length - busy],
  ]);
  return [
    ...workflowGauges(workflows, oldest),
    queueGauge(workflows, times),
    byState('heurist_miners', 'Connected miners, by state.', states),
    asideGauge(miners, workflows),
    failureGauge(standings),
    byState('heurist_webhooks', 'Webhooks of tasks that have ended: due, or given up (dead).', webhooks),
    ...storageGauges(room),
  ];
}

function workflowGauges(workflows: readonly WorkflowStatus[], oldest: Map<string, number>): Reading[] {
  const gauge = (name: string, help: string, pick: (workflow: WorkflowStatus) => number | undefined): Reading => ({
    name,
    help,
    labels: ['workflow_id'],
    values: workflows.flatMap((workflow) => {
      const value = pick(workflow);
      return value === undefined ? [] : { labels: { workflow_id: workflow.workflow_id }, value };
    }),
  });
  return [
    gauge(
      'heurist_tasks_waiting',
      'Tasks waiting for a miner. Above 1,000 the number is of the last minute.',
      ({ waiting }) => waiting,
    ),
    gauge('heurist_tasks_running', 'Tasks running.', ({ running }) => running),
    gauge('heurist_tasks_finished_last_hour', 'Tasks that finished in the last hour.', ({ finished }) => finished),
    gauge('heurist_tasks_failed_last_hour', 'Tasks that failed in the last hour.', ({ failed }) => failed),
    gauge(
      'heurist_oldest_waiting_seconds',
      'Seconds since the oldest waiting task was submitted.',
      ({ workflow_id }) => oldest.get(workflow_id) ?? 0,
    ),
    gauge('heurist_run_seconds_mean', 'Mean seconds from claim to end, over the last hour.', ({ run_ms }) =>
      run_ms === undefined ? undefined : run_ms / 1000,
    ),
    gauge('heurist_workflow_miners', 'Connected miners that run the workflow.', ({ miners }) => miners),
  ];
}

/** Of the workflows of this network: the table may have tasks of others, from before. */
function queueGauge(workflows: readonly WorkflowStatus[], times: Map<string, Times>): Reading {
  return {
    name: 'heurist_queue_seconds',
    help: 'Seconds from submit to claim, over the last 500 tasks that ended.',
    labels: ['workflow_id', 'quantile'],
    values: workflows.flatMap(({ workflow_id }) => {
      const { queued } = times.get(workflow_id) ?? {};
      if (!queued) return [];
      return [
        { labels: { workflow_id, quantile: '0.5' }, value: queued.median / 1000 },
        { labels: { workflow_id, quantile: '0.99' }, value: queued.p99 / 1000 },
      ];
    }),
  };
}

function asideGauge(miners: readonly MinerStatus[], workflows: readonly WorkflowStatus[]): Reading {
  const all = miners.flatMap(({ put_aside = [] }) => put_aside);
  const values = workflows.map(({ workflow_id }) => ({
    labels: { workflow_id },
    value: all.filter((aside) => aside.workflow_id === workflow_id).length,
  }));
  return {
    name: 'heurist_workflow_miners_put_aside',
    help: 'Connected miners that get no tasks of the workflow, or few, because others finish what they fail.',
    labels: ['workflow_id'],
    values,
  };
}

/** Reference miners name themselves, so there may be any number. */
function failureGauge(standings: readonly StandingRow[]): Reading {
  const sorted = standings.toSorted((a, b) => b.failures - a.failures);
  const values = sorted.slice(0, MOST_FAILING).map(({ miner_id, workflow_id, failures }) => ({
    labels: { miner_id, workflow_id },
    value: failures,
  }));
  const rest = sorted.slice(MOST_FAILING).reduce((sum, { failures }) => sum + failures, 0);
  if (rest) values.push({ labels: { miner_id: OTHER, workflow_id: OTHER }, value: rest });
  return {
    name: 'heurist_miner_failures',
    help: 'Failures counted against a miner, within about a day.',
    labels: ['miner_id', 'workflow_id'],
    values,
  };
}

/** Replicas may have disks of their own: queries take the `min` of what is free. */
function storageGauges({ storedBytes, freeBytes, secondsLeft }: Room): Reading[] {
  const gauge = (name: string, help: string, value: number | undefined): Reading => ({
    name,
    help,
    labels: [],
    values: value === undefined ? [] : [{ labels: {}, value }],
  });
  return [
    gauge('heurist_kept_bytes', 'Bytes of all files of the network, as counted each minute.', storedBytes),
    gauge('heurist_storage_free_bytes', 'Bytes free for files: on the disk, or up to `--max-stored`.', freeBytes),
    gauge(
      'heurist_storage_seconds_left',
      'Seconds until no room for files is left, at the pace of the last day; none while it does not get less.',
      secondsLeft,
    ),
  ];
}

function byState(name: string, help: string, counts: Map<string, number>): Reading {
  return { name, help, labels: ['state'], values: [...counts].map(([state, value]) => ({ labels: { state }, value })) };
}
