import type { MinerReport } from './miner-report.ts';

interface Metric {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  /** Its values for one miner. */
  values(miner: MinerReport): Value[];
}

interface Value {
  labels: Record<string, string>;
  value: number;
}

const one = (value: number): Value[] => [{ labels: {}, value }];

const metrics: Metric[] = [
  {
    name: 'heurist_miner_state',
    type: 'gauge',
    help: '1 for the current state of the miner.',
    values: ({ state }) => [{ labels: { state }, value: 1 }],
  },
  {
    name: 'heurist_miner_workflows',
    type: 'gauge',
    help: 'Workflows offered.',
    values: ({ offers }) => one(offers.length),
  },
  {
    name: 'heurist_miner_running',
    type: 'gauge',
    help: 'Tasks running or queued in ComfyUI.',
    values: ({ running }) => one(running),
  },
  {
    name: 'heurist_miner_delivering',
    type: 'gauge',
    help: 'Tasks whose outputs are being uploaded.',
    values: ({ delivering }) => one(delivering),
  },
  {
    name: 'heurist_miner_finished_total',
    type: 'counter',
    help: 'Tasks delivered.',
    values: ({ finished }) => one(finished),
  },
  {
    name: 'heurist_miner_failed_total',
    type: 'counter',
    help: 'Tasks failed, by error code.',
    values: ({ failed }) => Object.entries(failed).map(([code, value]) => ({ labels: { code }, value })),
  },
  {
    name: 'heurist_miner_lost_total',
    type: 'counter',
    help: 'Tasks canceled or handed to another miner.',
    values: ({ lost }) => one(lost),
  },
  {
    name: 'heurist_miner_run_seconds_total',
    type: 'counter',
    help: 'Seconds spent running graphs.',
    values: ({ run_seconds }) => one(run_seconds),
  },
  {
    name: 'heurist_miner_restarts_total',
    type: 'counter',
    help: 'Restarts of ComfyUI.',
    values: ({ restarts }) => one(restarts),
  },
];

/** Reports of several miners for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats */
export function toMetrics(miners: readonly MinerReport[]): string {
  const lines = metrics.flatMap(({ name, type, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...miners.flatMap((miner) =>
      values(miner).map(({ labels, value }) => `${name}{${format({ comfyui: miner.comfyui, ...labels })}} ${value}`),
    ),
  ]);
  return [...lines, ''].join('\n');
}

function format(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, text]) => `${key}=${JSON.stringify(text)}`)
    .join(',');
}
