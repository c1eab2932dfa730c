/** What a miner does now. */
export type MinerState =
  /** It has not begun, or its ComfyUI could not be reached at the start. */
  | 'starting'
  /** It waits for a task. */
  | 'idle'
  /** It runs a task. */
  | 'busy'
  /** It claims nothing until its ComfyUI works again. */
  | 'waiting_for_comfyui'
  /** It claims nothing until the sequencer answers again. */
  | 'waiting_for_sequencer'
  /** It drains: it finishes its tasks and claims no more. */
  | 'stopping'
  /** It has ended. */
  | 'stopped';

/** What a miner does, and has done since its start. */
export interface MinerReport {
  /** Address of its ComfyUI. */
  comfyui: string;
  state: MinerState;
  /** Ids of the workflows that it offers. */
  offers: string[];
  /** Tasks that run or wait in the ComfyUI. */
  running: number;
  /** Tasks whose outputs are being uploaded. */
  delivering: number;
  /** Tasks delivered. */
  finished: number;
  /** Tasks failed, by error code. */
  failed: Record<string, number>;
  /** Tasks canceled or handed to another miner. */
  lost: number;
  /** Seconds spent running graphs. */
  run_seconds: number;
  /** Of these, seconds spent on fetching inputs and in nodes that load models or files. */
  load_seconds: number;
  /** Runs for which models were loaded. */
  model_switches: number;
  /** Seconds in which they were, as far as that was measured. */
  model_load_seconds: number;
  /** Models that its ComfyUI holds, the last used first, and what loading each costs, in milliseconds, if that is known. */
  models: { key: string; load_ms?: number }[];
  /** Seconds spent on uploading outputs. */
  upload_seconds: number;
  /** Bytes of inputs fetched. */
  input_bytes: number;
  /** Bytes of outputs uploaded. */
  output_bytes: number;
  /** Requests for a task that the sequencer answered. */
  claims: number;
  /** How often the ComfyUI was restarted. */
  restarts: number;
}
