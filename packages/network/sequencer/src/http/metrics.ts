import type { WorkflowStatus } from '@heurist/core';
import type { Hono } from 'hono';
import { oldestWaiting } from '../tasks/table/task-statistics.ts';
import { requireOperator } from './authenticate.ts';
import { networkLoad } from './network-status.ts';
import type { SequencerServices } from './services.ts';

/** A metric: one number for each set of labels. */
interface Metric {
  name: string;
  help: string;
  type: 'gauge';
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
async function collect(services: SequencerServices): Promise<Metric[]> {
  const [{ miners, workflows }, oldest, times, webhooks] = await Promise.all([
    networkLoad(services),
    oldestWaiting(services.database),
    services.runTimes.all(),
    services.webhooks.count(),
  ]);
  const byWorkflow = (name: string, help: string, pick: (workflow: WorkflowStatus) => number | undefined): Metric => ({
    name,
    help,
    type: 'gauge',
    values: workflows.flatMap((workflow) => {
      const value = pick(workflow);
      return value === undefined ? [] : { labels: { workflow_id: workflow.workflow_id }, value };
    }),
  });
  const busy = miners.filter(({ is_busy }) => is_busy).length;
  return [
    byWorkflow('heurist_tasks_waiting', 'Tasks waiting for a miner.', ({ waiting }) => waiting),
    byWorkflow('heurist_tasks_running', 'Tasks running.', ({ running }) => running),
    byWorkflow('heurist_tasks_finished_last_hour', 'Tasks that finished in the last hour.', ({ finished }) => finished),
    byWorkflow('heurist_tasks_failed_last_hour', 'Tasks that failed in the last hour.', ({ failed }) => failed),
    byWorkflow(
      'heurist_oldest_waiting_seconds',
      'Seconds since the oldest waiting task was submitted.',
      ({ workflow_id }) => oldest.get(workflow_id) ?? 0,
    ),
    byWorkflow('heurist_run_seconds_mean', 'Mean seconds from claim to end, over the last hour.', ({ run_ms }) =>
      run_ms === undefined ? undefined : run_ms / 1000,
    ),
    {
      name: 'heurist_queue_seconds',
      help: 'Seconds from submit to claim, over the last 500 tasks that ended.',
      type: 'gauge',
      values: [...times].flatMap(
        ([
          workflow_id,
          {
            queued: { median, p99 },
          },
        ]) => [
          { labels: { workflow_id, quantile: '0.5' }, value: median / 1000 },
          { labels: { workflow_id, quantile: '0.99' }, value: p99 / 1000 },
        ],
      ),
    },
    byWorkflow('heurist_workflow_miners', 'Connected miners that run the workflow.', ({ miners }) => miners),
    {
      name: 'heurist_miners',
      help: 'Connected miners, by state.',
      type: 'gauge',
      values: [
        { labels: { state: 'busy' }, value: busy },
        { labels: { state: 'idle' }, value: miners.length - busy },
      ],
    },
    {
      name: 'heurist_webhooks',
      help: 'Webhooks of tasks that have ended: due, or given up (dead).',
      type: 'gauge',
      values: [...webhooks].map(([state, value]) => ({ labels: { state }, value })),
    },
  ];
}

/** Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function write({ name, help, type, values }: Metric): string {
  const lines = values.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const escapeLabel = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
