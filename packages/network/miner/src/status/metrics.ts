import { Counter, Gauge, Registry } from 'prom-client';
import type { MinerReport } from './miner-report.ts';

interface Metric {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  /** Besides `comfyui`. */
  label?: 'state' | 'code';
  /** Its values for one miner: without a label, one. */
  values(miner: MinerReport): number | Record<string, number>;
}

const metrics: Metric[] = [
  {
    name: 'heurist_miner_state',
    type: 'gauge',
    help: '1 for the current state of the miner.',
    label: 'state',
    values: ({ state }) => ({ [state]: 1 }),
  },
  {
    name: 'heurist_miner_workflows',
    type: 'gauge',
    help: 'Workflows offered.',
    values: ({ offers }) => offers.length,
  },
  {
    name: 'heurist_miner_running',
    type: 'gauge',
    help: 'Tasks running or queued in ComfyUI.',
    values: ({ running }) => running,
  },
  {
    name: 'heurist_miner_delivering',
    type: 'gauge',
    help: 'Tasks whose outputs are being uploaded.',
    values: ({ delivering }) => delivering,
  },
  {
    name: 'heurist_miner_finished_total',
    type: 'counter',
    help: 'Tasks delivered.',
    values: ({ finished }) => finished,
  },
  {
    name: 'heurist_miner_failed_total',
    type: 'counter',
    help: 'Tasks failed, by error code.',
    label: 'code',
    values: ({ failed }) => failed,
  },
  {
    name: 'heurist_miner_lost_total',
    type: 'counter',
    help: 'Tasks canceled or handed to another miner.',
    values: ({ lost }) => lost,
  },
  {
    name: 'heurist_miner_run_seconds_total',
    type: 'counter',
    help: 'Seconds spent running graphs.',
    values: ({ run_seconds }) => run_seconds,
  },
  {
    name: 'heurist_miner_load_seconds_total',
    type: 'counter',
    help: 'Seconds spent on fetching inputs and in nodes that load models or files.',
    values: ({ load_seconds }) => load_seconds,
  },
  {
    name: 'heurist_miner_model_switches_total',
    type: 'counter',
    help: 'Runs for which models were loaded.',
    values: ({ model_switches }) => model_switches,
  },
  {
    name: 'heurist_miner_model_load_seconds_total',
    type: 'counter',
    help: 'Seconds of runs in which models were loaded, measured against runs that found them in memory.',
    values: ({ model_load_seconds }) => model_load_seconds,
  },
  {
    name: 'heurist_miner_models_held',
    type: 'gauge',
    help: 'Sets of models that ComfyUI holds in memory, as far as runs have shown.',
    values: ({ models }) => models.length,
  },
  {
    name: 'heurist_miner_upload_seconds_total',
    type: 'counter',
    help: 'Seconds spent on uploading outputs.',
    values: ({ upload_seconds }) => upload_seconds,
  },
  {
    name: 'heurist_miner_input_bytes_total',
    type: 'counter',
    help: 'Bytes of inputs fetched.',
    values: ({ input_bytes }) => input_bytes,
  },
  {
    name: 'heurist_miner_output_bytes_total',
    type: 'counter',
    help: 'Bytes of outputs uploaded.',
    values: ({ output_bytes }) => output_bytes,
  },
  {
    name: 'heurist_miner_claims_total',
    type: 'counter',
    help: 'Requests for a task that the sequencer answered, with a task or without.',
    values: ({ claims }) => claims,
  },
  {
    name: 'heurist_miner_restarts_total',
    type: 'counter',
    help: 'Restarts of ComfyUI.',
    values: ({ restarts }) => restarts,
  },
];

/** Reports of several miners for Prometheus. */
export async function toMetrics(miners: readonly MinerReport[]): Promise<string> {
  const registry = new Registry();
  for (const metric of metrics) addMetric(registry, metric, miners);
  return await registry.metrics();
}

function addMetric(registry: Registry, { name, type, help, label, values }: Metric, miners: readonly MinerReport[]) {
  const labelNames = ['comfyui', ...(label ? [label] : [])];
  const metric = new { gauge: Gauge, counter: Counter }[type]({ name, help, labelNames, registers: [registry] });
  for (const miner of miners) {
    const { comfyui } = miner;
    const found = values(miner);
    if (typeof found === 'number') metric.inc({ comfyui }, found);
    else for (const [value, count] of Object.entries(found)) metric.inc({ comfyui, [label!]: value }, count);
  }
}
