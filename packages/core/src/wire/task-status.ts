/** The life cycle of a task, as the wire protocol spells it. */
export const TASK_STATUSES = ['waiting', 'running', 'finished', 'failed', 'canceled'] as const;

/** `waiting` and `running` go on; `finished`, `failed` and `canceled` are final. */
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Whether a task with this status has ended for good. */
export function isTerminal(status: TaskStatus): boolean {
  return status !== 'waiting' && status !== 'running';
}
