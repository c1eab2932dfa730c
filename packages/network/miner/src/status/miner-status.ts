/** What a miner does now. */
export type MinerState =
  /** It has not begun, or its ComfyUI was not there at the start. */
  | 'starting'
  /** It waits for a task. */
  | 'idle'
  | 'busy'
  /** It claims nothing until its ComfyUI works again. */
  | 'waiting_for_comfyui'
  /** It claims nothing until the sequencer answers again. */
  | 'waiting_for_sequencer'
  /** It finishes what it has. */
  | 'stopping'
  | 'stopped';

/** What a miner does and has done since its start. */
export interface MinerStatus {
  /** Address of its ComfyUI. */
  comfyui: string;
  state: MinerState;
  /** Workflows that it offers. */
  offers: string[];
  /** Tasks that run or wait in the ComfyUI. */
  running: number;
  /** Tasks whose outputs are on their way up. */
  delivering: number;
  /** Tasks that were delivered. */
  finished: number;
  /** Tasks that failed, by the code of the error. */
  failed: Record<string, number>;
  /** Tasks that were canceled, or handed to another miner. */
  lost: number;
  /** Seconds that graphs took. */
  run_seconds: number;
  /** How often the ComfyUI was restarted. */
  restarts: number;
}

/** The status of several miners for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats */
export function toMetrics(miners: readonly MinerStatus[]): string {
  const lines = (name: string, type: 'gauge' | 'counter', help: string, values: (miner: MinerStatus) => Value[]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...miners.flatMap((miner) =>
      values(miner).map(({ labels, value }) => {
        const pairs = Object.entries({ comfyui: miner.comfyui, ...labels });
        return `${name}{${pairs.map(([key, text]) => `${key}=${JSON.stringify(text)}`).join(',')}} ${value}`;
      }),
    ),
  ];
  const one = (value: number): Value[] => [{ labels: {}, value }];
  return [
    ...lines('heurist_miner_state', 'gauge', 'What the miner does: 1 for its state.', ({ state }) => [
      { labels: { state }, value: 1 },
    ]),
    ...lines('heurist_miner_workflows', 'gauge', 'Workflows that it offers.', ({ offers }) => one(offers.length)),
    ...lines('heurist_miner_running', 'gauge', 'Tasks in the ComfyUI.', ({ running }) => one(running)),
    ...lines('heurist_miner_delivering', 'gauge', 'Tasks whose outputs go up.', ({ delivering }) => one(delivering)),
    ...lines('heurist_miner_finished_total', 'counter', 'Tasks delivered.', ({ finished }) => one(finished)),
    ...lines('heurist_miner_failed_total', 'counter', 'Tasks failed, by code.', ({ failed }) =>
      Object.entries(failed).map(([code, value]) => ({ labels: { code }, value })),
    ),
    ...lines('heurist_miner_lost_total', 'counter', 'Tasks canceled or handed to others.', ({ lost }) => one(lost)),
    ...lines('heurist_miner_run_seconds_total', 'counter', 'Seconds that graphs took.', (miner) =>
      one(miner.run_seconds),
    ),
    ...lines('heurist_miner_restarts_total', 'counter', 'Restarts of the ComfyUI.', ({ restarts }) => one(restarts)),
    '',
  ].join('\n');
}

interface Value {
  labels: Record<string, string>;
  value: number;
}
