import { Alert, Anchor, Badge, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { FamilyInfo, TaskState } from '../shared/api.ts';
import { api } from './api.ts';
import { OutputLink } from './output-view.tsx';
import { hasEnded, isLost, useTask } from './queries.ts';
import { findWorkflow, type Recipe, withSeed } from './recipe.ts';
import { TaskActions } from './task-actions.tsx';
import { type TaskEntry, taskList } from './task-list.ts';
import { useNow } from './use-now.ts';
import { duration, labelOf } from './words.ts';

const colors = { waiting: 'gray', running: 'indigo', finished: 'green', failed: 'red', canceled: 'gray' };

interface TaskCardProps {
  entry: TaskEntry;
  catalogue: FamilyInfo[];
  /** Signs instead of words, where there is little room. */
  isCompact?: boolean;
}

/** A task, from its submit to its result. */
export function TaskCard({ entry, catalogue, isCompact = false }: TaskCardProps) {
  const { data: state, error } = useTask(entry.task_id);
  const found = findWorkflow(catalogue, entry.workflow_id);
  const title = titleOf(entry, found?.family.title);
  const recipe = found && state ? withSeed(entry, state, found.workflow) : entry;
  return (
    <Paper withBorder p="md" component="article" aria-label={title} data-task={entry.task_id}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="start">
          <Anchor component={Link} to={`/tasks/${entry.task_id}`} fw={600} lineClamp={2}>
            {title}
          </Anchor>
          <span role="status">
            {state && (
              <Badge color={colors[state.status]} variant="dot" tt="none">
                {state.status}
              </Badge>
            )}
          </span>
        </Group>
        {isLost(error) && <Lost task_id={entry.task_id} />}
        {state && !hasEnded(state) && <Underway created_at={entry.created_at} state={state} />}
        {state?.status === 'failed' && <Failure state={state} />}
        {state?.status === 'finished' && <Outputs state={state} title={title} />}
        {state?.status === 'finished' && (
          <Text size="sm" c="dimmed">
            {summaryOf(recipe)}
          </Text>
        )}
        {state && hasEnded(state) && <TaskActions state={state} recipe={recipe} isCompact={isCompact} />}
      </Stack>
    </Paper>
  );
}

/** The prompt says more than the name of the workflow. */
export function titleOf({ options }: Pick<TaskEntry, 'options'>, fallback = 'A task'): string {
  const { prompt, tags } = options;
  return [prompt, tags].find((text): text is string => typeof text === 'string') ?? fallback;
}

/** The options that are short, so that two results of one prompt can be told apart. */
function summaryOf({ workflow_id, options }: Recipe): string {
  const short = Object.entries(options).filter(([, value]) => typeof value === 'number');
  return [workflow_id, ...short.map(([name, value]) => `${labelOf(name).toLowerCase()} ${value}`)].join(' · ');
}

export function Failure({ state: { error } }: { state: TaskState }) {
  return (
    <Alert color="red" variant="light" title="It failed">
      {error?.message ?? 'The network gives no reason.'}
      {error?.is_retryable && ' The same again may succeed.'}
    </Alert>
  );
}

function Lost({ task_id }: { task_id: string }) {
  return (
    <Group>
      <Text size="sm">The network does not have this task any more.</Text>
      <Button size="xs" variant="default" onClick={() => taskList.remove(task_id)}>
        Remove
      </Button>
    </Group>
  );
}

function Outputs({ state: { outputs = [], task_id }, title }: { state: TaskState; title: string }) {
  const [first, ...others] = outputs;
  if (!first) return null;
  return (
    <>
      <OutputLink output={first} alt={title} task_id={task_id} />
      {others.length > 0 && <Text size="sm">and {others.length} more</Text>}
    </>
  );
}

/** Place in the queue, or progress with a look at the picture so far; cancel. */
export function Underway({ created_at, state }: { created_at: number; state: TaskState }) {
  const queryClient = useQueryClient();
  const now = useNow(true);
  const cancel = useMutation({
    mutationFn: () => api.cancel(state.task_id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['task', state.task_id] }),
  });
  const { status, progress, queue_position, warning, eta_seconds } = state;
  const elapsed = now - created_at;
  const times = `${duration(elapsed)} so far${eta_seconds === undefined ? '' : `, about ${duration(eta_seconds * 1000)} to go`}`;
  return (
    <>
      {progress?.preview && <img className="picture cover" src={progress.preview} alt="So far" />}
      <Progress value={progress?.percent ?? 0} aria-label="Progress" />
      <Text size="sm" c="dimmed">
        {status === 'waiting' ? placeOf(queue_position) : `${Math.round(progress?.percent ?? 0)} %`}
        {progress?.node && ` · ${progress.node}`} · {times}
      </Text>
      {warning && (
        <Alert color="yellow" variant="light">
          {warning}
        </Alert>
      )}
      {cancel.error && <Text c="red">{cancel.error.message}</Text>}
      <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
    </>
  );
}

function placeOf(position: number | undefined): string {
  if (!position) return 'Next in line';
  return position === 1 ? 'One task before this one' : `${position} tasks before this one`;
}
