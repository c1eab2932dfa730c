import type { WorkflowTaskResult } from '@heurist/core';
import type { TaskState } from '../../shared/api.ts';
import { hideAddresses } from '../http/hide-addresses.ts';

/** What the page may see of a task. The outputs get URLs of this server, and messages name no address of the network. */
export function publicState({ result, outputs, ...state }: WorkflowTaskResult, workflowURL: string): TaskState {
  const hide = (text: string) => hideAddresses(text, workflowURL);
  const { error, warning } = state;
  const own = outputs?.map(({ size, ...output }, index) => ({
    ...output,
    bytes: size,
    url: `/api/tasks/${state.task_id}/outputs/${index}`,
  }));
  return {
    ...state,
    ...(own && { outputs: own }),
    ...(warning !== undefined && { warning: hide(warning) }),
    ...(error && { error: { ...error, message: hide(error.message) } }),
  };
}
