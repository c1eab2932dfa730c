import { ComfyError, type ComfyErrorCode } from '@heurist/comfyui';
import { HeuristError, type TaskErrorInfo } from '@heurist/core';
import { printable, printableLine } from '@heurist/core/protocol';
import { DeliveryError } from '../output/deliver.ts';

/**
 * What is at fault when a task fails: the `task` itself; its size, for the `memory` of this GPU; this `comfyui`, which may do
 * better later; a ComfyUI that fails every task until it is restarted (`broken`); or the `network`, which does not take the result.
 */
export type Fault = 'task' | 'memory' | 'comfyui' | 'broken' | 'network';

/** Errors that are the task's own fault, and the codes that consumers see. */
const taskFaults: Partial<Record<ComfyErrorCode, string>> = {
  comfyui_execution_failed: 'execution_failed',
  comfyui_invalid_graph: 'graph_refused',
};

/** torch has an exception class for it; on the CPU and in other libraries it is a message. */
export const MEMORY = /OutOfMemory|out of memory|not enough memory|DefaultCPUAllocator|MemoryError/i;
/** After these, the CUDA context of the process is lost: https://docs.nvidia.com/cuda/cuda-runtime-api, error handling. */
export const BROKEN =
  /CUDA error|CUDA driver|cuDNN error|CUBLAS_STATUS|HIP error|device-side assert|illegal memory access/i;
export const DISK = /No space left on device|Disk quota exceeded|Read-only file system|Errno (28|122|30)\b/i;

/** Finds out what is at fault. */
export function faultOf(error: unknown): Fault {
  if (DeliveryError.isInstance(error)) return 'network';
  if (!ComfyError.isInstance(error)) return HeuristError.isInstance(error) && !error.isRetryable ? 'task' : 'comfyui';
  if (error.code === 'comfyui_stuck') return 'broken';
  if (!taskFaults[error.code as ComfyErrorCode]) return 'comfyui';
  const text = `${error.exception_type} ${error.message}`;
  if (MEMORY.test(text)) return 'memory';
  if (BROKEN.test(text)) return 'broken';
  return DISK.test(text) ? 'comfyui' : 'task';
}

/** What a report may hold: with more, the sequencer would refuse it, and the failure would not be known. */
const LONGEST = { code: 100, message: 2000, name: 200 };

/**
 * Turns whatever went wrong into the error of a task. Consumers learn what they can fix; addresses and paths of the miner stay in
 * the miner's log.
 */
export function toTaskError(error: unknown): TaskErrorInfo {
  const { code, message, is_retryable, node_id, node_type, truncated = false } = describe(error);
  const whole = printable(message);
  return {
    code: printableLine(code, LONGEST.code),
    message: printable(whole, LONGEST.message),
    ...((truncated || whole.length > LONGEST.message) && { truncated: true }),
    is_retryable,
    ...(node_id !== undefined && { node_id: printableLine(node_id, LONGEST.name) }),
    ...(node_type !== undefined && { node_type: printableLine(node_type, LONGEST.name) }),
  };
}

function describe(error: unknown): TaskErrorInfo {
  const fault = faultOf(error);
  if (fault === 'network') return failedHere('delivery_failed', 'The network could not store the result.');
  if (!ComfyError.isInstance(error)) {
    if (fault !== 'task') return failedHere('miner_failed', 'The miner failed.');
    const { code, message } = error as HeuristError;
    return { code, message, is_retryable: false };
  }
  const { code, message, node_id, node_type, truncated } = error;
  const place = { node_id, node_type };
  if (fault === 'memory') {
    const advice = `The miner's GPU does not have enough memory for this task (${node_type}). Ask for a smaller size, fewer frames or a smaller batch.`;
    return { code: 'out_of_memory', message: advice, is_retryable: true, ...place };
  }
  if (fault !== 'task') return failedHere('comfyui_failed', `The miner's ComfyUI failed (${code}).`);
  const told = taskFaults[code as ComfyErrorCode] ?? code;
  return { code: told, message, is_retryable: error.isRetryable, truncated, ...place };
}

function failedHere(code: string, message: string): TaskErrorInfo {
  return { code, message: `${message} Submit the task again.`, is_retryable: true };
}
