import type { TaskState } from '../../shared/api.ts';

/** Whether a task has ended. The same rule as the SDK's `isTerminal`, without loading the SDK. */
export const hasEnded = (state: TaskState | undefined): boolean =>
  /^(finished|failed|canceled)$/.test(state?.status ?? '');
