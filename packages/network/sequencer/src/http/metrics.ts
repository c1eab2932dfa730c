import type { MinerStatus, WorkflowStatus } from '@heurist/core';
import type { Hono } from 'hono';
import type { Times } from '../tasks/run-times.ts';
import { oldestWaiting } from '../tasks/table/task-statistics.ts';
import type { StandingRow } from '../tasks/trust/standing-table.ts';
import { requireOperator } from './authenticate.ts';
import { networkLoad } from './network-status.ts';
import type { SequencerServices } from './services.ts';

/** A gauge: one number for each set of labels. */
interface Gauge {
  name: string;
  help: string;
  values: { labels: Record<string, string>; value: number }[];
}

/** `GET /metrics` for Prometheus, for operators only. */
export function addMetricsRoute(app: Hono, services: SequencerServices): void {
  app.get('/metrics', async (c) => {
    await requireOperator(c, services);
    const metrics = await collect(services);
    return c.text(metrics.map(write).join(''), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}

/** Everything is in the database, so every replica returns the same: scrape one of them. */
async function collect(services: SequencerServices): Promise<Gauge[]> {
  const [{ miners, workflows }, oldest, times, webhooks, standings] = await Promise.all([
    networkLoad(services),
    oldestWaiting(services.database),
    services.runTimes.all(),
    services.webhooks.count(),
    services.standings.list(),
  ]);
  const busy = miners.filter(({ is_busy }) => is_busy).length;
  const states = new Map([
    ['busy', busy],
    ['idle', miners.length - busy],
  ]);
  return [
    ...workflowGauges(workflows, oldest),
    queueGauge(times),
    byState('heurist_miners', 'Connected miners, by state.', states),
    asideGauge(miners, workflows),
    failureGauge(standings),
    byState('heurist_webhooks', 'Webhooks of tasks that have ended: due, or given up (dead).', webhooks),
  ];
}

function workflowGauges(workflows: readonly WorkflowStatus[], oldest: Map<string, number>): Gauge[] {
  const gauge = (name: string, help: string, pick: (workflow: WorkflowStatus) => number | undefined): Gauge => ({
    name,
    help,
    values: workflows.flatMap((workflow) => {
      const value = pick(workflow);
      return value === undefined ? [] : { labels: { workflow_id: workflow.workflow_id }, value };
    }),
  });
  return [
    gauge('heurist_tasks_waiting', 'Tasks waiting for a miner.', ({ waiting }) => waiting),
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

function queueGauge(times: Map<string, Times>): Gauge {
  return {
    name: 'heurist_queue_seconds',
    help: 'Seconds from submit to claim, over the last 500 tasks that ended.',
    values: [...times].flatMap(([workflow_id, { queued }]) => [
      { labels: { workflow_id, quantile: '0.5' }, value: queued.median / 1000 },
      { labels: { workflow_id, quantile: '0.99' }, value: queued.p99 / 1000 },
    ]),
  };
}

function asideGauge(miners: readonly MinerStatus[], workflows: readonly WorkflowStatus[]): Gauge {
  const all = miners.flatMap(({ put_aside = [] }) => put_aside);
  const values = workflows.map(({ workflow_id }) => ({
    labels: { workflow_id },
    value: all.filter((aside) => aside.workflow_id === workflow_id).length,
  }));
  return {
    name: 'heurist_workflow_miners_put_aside',
    help: 'Connected miners that get no tasks of the workflow, or few, because others finish what they fail.',
    values,
  };
}

function failureGauge(standings: readonly StandingRow[]): Gauge {
  const values = standings.map(({ miner_id, workflow_id, failures }) => ({
    labels: { miner_id, workflow_id },
    value: failures,
  }));
  return { name: 'heurist_miner_failures', help: 'Failures counted against a miner, within about a day.', values };
}

function byState(name: string, help: string, counts: Map<string, number>): Gauge {
  return { name, help, values: [...counts].map(([state, value]) => ({ labels: { state }, value })) };
}

/** Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function write({ name, help, values }: Gauge): string {
  const lines = values.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

const escapeLabel = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
