import { Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { isLost } from '../data/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { useTask } from '../data/queries.ts';
import type { TaskEntry } from '../data/task-list.ts';
import { findWorkflow, type Recipe, withSeed } from '../lib/recipe.ts';
import { hasEnded } from '../lib/task-state.ts';
import { OutputLink } from './output-view.tsx';
import { StatusBadge } from './status-badge.tsx';
import { TaskActions } from './task-actions.tsx';
import { TaskFailure } from './task-failure.tsx';
import { TaskProgress } from './task-progress.tsx';
import { summaryOf, titleOf } from './task-title.ts';

interface TaskCardProps {
  entry: TaskEntry;
  catalogue: FamilyInfo[];
  /** Icons instead of labelled buttons, where space is short. */
  isCompact?: boolean;
}

/** A task, from submit to result. */
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
          <StatusBadge state={state} />
        </Group>
        {isLost(error) && <LostTask task_id={entry.task_id} />}
        {state && !hasEnded(state) && <TaskProgress created_at={entry.created_at} state={state} />}
        {state?.status === 'failed' && <TaskFailure state={state} />}
        {state?.status === 'finished' && <FinishedTask state={state} title={title} recipe={recipe} />}
        {state && hasEnded(state) && (
          <TaskActions state={state} recipe={recipe} catalogue={catalogue} isCompact={isCompact} />
        )}
      </Stack>
    </Paper>
  );
}

function FinishedTask({ state, title, recipe }: { state: TaskState; title: string; recipe: Recipe }) {
  const [first, ...others] = state.outputs ?? [];
  return (
    <>
      {first && <OutputLink output={first} alt={title} task_id={state.task_id} />}
      {others.length > 0 && <Text size="sm">and {others.length} more</Text>}
      <Text size="sm" c="dimmed">
        {summaryOf(recipe)}
      </Text>
    </>
  );
}

function LostTask({ task_id }: { task_id: string }) {
  return (
    <Group>
      <Text size="sm">This task is no longer on the network.</Text>
      <Button size="xs" variant="default" onClick={() => taskList.remove(task_id)}>
        Remove
      </Button>
    </Group>
  );
}
