/** Every status of a task, as on the wire. */
export const TASK_STATUSES = ['waiting', 'running', 'finished', 'failed', 'canceled'] as const;

/** Status of a task. `finished`, `failed` and `canceled` are final. */
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Whether a status is final. */
export function isTerminal(status: TaskStatus): boolean {
  return status !== 'waiting' && status !== 'running';
}
