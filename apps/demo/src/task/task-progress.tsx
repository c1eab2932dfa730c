import { Alert, Button, Progress, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TaskState } from '../../shared/api.ts';
import { api } from '../data/api.ts';
import { taskKey } from '../data/queries.ts';
import { useNow } from '../lib/use-now.ts';
import { progressText } from './progress-text.ts';

/** A task in flight: place in the queue or progress, preview, Cancel. */
export function TaskProgress({ created_at, state }: { created_at: number; state: TaskState }) {
  const now = useNow();
  const { progress, warning } = state;
  return (
    <>
      {progress?.preview && <img className="picture cover" src={progress.preview} alt="Preview" />}
      <Progress value={progress?.percent ?? 0} aria-label="Progress" />
      <Text size="sm" c="dimmed">
        {progressText(state, now - created_at)}
      </Text>
      {warning && (
        <Alert color="yellow" variant="light">
          {warning}
        </Alert>
      )}
      <CancelButton task_id={state.task_id} />
    </>
  );
}

function CancelButton({ task_id }: { task_id: string }) {
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.cancel(task_id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: taskKey(task_id) }),
  });
  return (
    <>
      {cancel.error && <Text c="red">{cancel.error.message}</Text>}
      <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
    </>
  );
}
