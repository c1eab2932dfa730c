import { Alert } from '@mantine/core';
import type { TaskState } from '../../shared/api.ts';

/** Why a task failed. */
export function TaskFailure({ state: { error } }: { state: TaskState }) {
  return (
    <Alert color="red" variant="light" title="Task failed">
      {error?.message ?? 'The network gave no reason.'}
      {error?.is_retryable && ' Trying again may help.'}
    </Alert>
  );
}
