import type { Heurist, WorkflowTaskResult } from '@heurist/core';
import type { TaskState } from '../../shared/api.ts';

/** What the page may see of a task. The outputs get URLs of this server. */
export function publicState({ result, outputs, ...state }: WorkflowTaskResult): TaskState {
  const own = outputs?.map(({ size, ...output }, index) => ({
    ...output,
    bytes: size,
    url: `/api/tasks/${state.task_id}/outputs/${index}`,
  }));
  return { ...state, ...(own && { outputs: own }) };
}

/** Queries a task once. */
export async function readPublicState(heurist: Heurist, task_id: string): Promise<TaskState> {
  return publicState(await heurist.workflow.queryTaskResult(task_id));
}
