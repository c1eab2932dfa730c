import { ComfyError, type ComfyErrorCode } from '@heurist/comfyui';
import { HeuristError, type TaskErrorInfo } from '@heurist/core';

/** What the consumer's task is at fault for; every other failure is this miner's, and another one may do better. */
const taskFaults: Partial<Record<ComfyErrorCode, string>> = {
  comfyui_execution_failed: 'execution_failed',
  comfyui_invalid_graph: 'graph_refused',
};

/**
 * Turns whatever went wrong into the error of a task. Consumers learn what they can mend; addresses and paths of the
 * miner stay with the miner, whose log has them.
 */
export function toTaskError(error: unknown): TaskErrorInfo {
  if (ComfyError.isInstance(error)) {
    const code = taskFaults[error.code as ComfyErrorCode];
    if (!code) return failedHere('comfyui_failed', `The miner's ComfyUI failed (${error.code}).`);
    const { message, isRetryable: is_retryable, node_id, node_type } = error;
    return { code, message, is_retryable, node_id, node_type };
  }
  if (HeuristError.isInstance(error) && !error.isRetryable)
    return { code: error.code, message: error.message, is_retryable: false };
  return failedHere('miner_failed', 'The miner failed.');
}

function failedHere(code: string, message: string): TaskErrorInfo {
  return { code, message: `${message} Submit the task again.`, is_retryable: true };
}
