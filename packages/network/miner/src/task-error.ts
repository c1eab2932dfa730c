import { ComfyError, type ComfyErrorCode } from '@heurist/comfyui';
import { HeuristError, type TaskErrorInfo } from '@heurist/core';

/** What a consumer is told for each failure of a ComfyUI. */
const comfyCodes: Record<ComfyErrorCode, string> = {
  comfyui_execution_failed: 'execution_failed',
  comfyui_invalid_graph: 'graph_refused',
  comfyui_unreachable: 'comfyui_failed',
  comfyui_interrupted: 'comfyui_failed',
  comfyui_prompt_lost: 'comfyui_failed',
  comfyui_stuck: 'comfyui_failed',
  comfyui_invalid_reply: 'comfyui_failed',
};

/** Turns whatever went wrong into the error of a task. */
export function toTaskError(error: unknown): TaskErrorInfo {
  if (ComfyError.isInstance(error)) {
    const code = comfyCodes[error.code as ComfyErrorCode] ?? 'comfyui_failed';
    // another miner's ComfyUI may be in better health
    const is_retryable = error.isRetryable || code === 'comfyui_failed';
    return { code, message: error.message, is_retryable, node_id: error.node_id, node_type: error.node_type };
  }
  if (HeuristError.isInstance(error))
    return { code: error.code, message: error.message, is_retryable: error.isRetryable };
  return { code: 'miner_failed', message: (error as Error).message, is_retryable: true };
}
