import type { WorkflowStatus } from '@heurist/core';
import type { Hono } from 'hono';
import { requireOperator, type Services } from './context.ts';
import { networkLoad } from './network-status.ts';

/** A line of numbers, one for each set of labels. */
interface Metric {
  name: string;
  help: string;
  type: 'gauge';
  values: { labels: Record<string, string>; value: number }[];
}

/** `GET /metrics` for Prometheus, shown to operators: what runs here is nobody else's business. */
export function addMetricsRoute(app: Hono, services: Services): void {
  app.get('/metrics', async (c) => {
    await requireOperator(c, services);
    const metrics = await collect(services);
    return c.text(metrics.map(write).join(''), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}

/** Everything is in the database, so every replica tells the same: scrape one of them. */
async function collect(services: Services): Promise<Metric[]> {
  const [{ miners, workflows }, oldest, times, webhooks] = await Promise.all([
    networkLoad(services),
    services.tasks.oldestWaiting(),
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
    byWorkflow('heurist_tasks_waiting', 'Tasks that wait for a miner.', ({ waiting }) => waiting),
    byWorkflow('heurist_tasks_running', 'Tasks that run.', ({ running }) => running),
    byWorkflow('heurist_tasks_finished_last_hour', 'Tasks that finished in the last hour.', ({ finished }) => finished),
    byWorkflow('heurist_tasks_failed_last_hour', 'Tasks that failed in the last hour.', ({ failed }) => failed),
    byWorkflow(
      'heurist_oldest_waiting_seconds',
      'How long the oldest waiting task has waited.',
      ({ workflow_id }) => oldest.get(workflow_id) ?? 0,
    ),
    byWorkflow('heurist_run_seconds_mean', 'From claim to end, mean of the last hour.', ({ run_ms }) =>
      run_ms === undefined ? undefined : run_ms / 1000,
    ),
    {
      name: 'heurist_queue_seconds',
      help: 'From submit to claim, of the last 500 tasks that ended.',
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
    byWorkflow('heurist_workflow_miners', 'Live miners that run the workflow.', ({ miners }) => miners),
    {
      name: 'heurist_miners',
      help: 'Live miners, by what they do.',
      type: 'gauge',
      values: [
        { labels: { state: 'busy' }, value: busy },
        { labels: { state: 'idle' }, value: miners.length - busy },
      ],
    },
    {
      name: 'heurist_webhooks',
      help: 'Webhooks of tasks that have ended: due, or given up.',
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
