/** Codes with which attempts end. Miners name them, so there may be others. */
export const failureCodes: readonly string[] = [
  // of the sequencer
  'failure_unconfirmed',
  'miner_lost',
  'miner_stalled',
  'storage_failed',
  'task_timeout',
  // of miners
  'comfyui_failed',
  'delivery_failed',
  'execution_failed',
  'graph_refused',
  'input_invalid',
  'input_too_large',
  'input_unreachable',
  'invalid_parameters',
  'miner_failed',
  'miner_stopped',
  'no_output',
  'out_of_memory',
  'upload_failed',
];
