import { Grid, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useState } from 'react';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { isLost } from '../data/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { useTask } from '../data/queries.ts';
import { useTaskEvents } from '../data/use-task-events.ts';
import { hasEnded } from '../lib/task-state.ts';
import { titled } from '../lib/words.ts';
import { knownRecipe } from '../task/known-recipe.ts';
import { StatusBadge } from '../task/status-badge.tsx';
import { TaskFacts } from '../task/task-facts.tsx';
import { TaskFailure } from '../task/task-failure.tsx';
import { TaskProgram } from '../task/task-program.tsx';
import { TaskProgress } from '../task/task-progress.tsx';
import { TaskResult } from '../task/task-result.tsx';
import { titleOf } from '../task/task-title.ts';

/** One task: its result, what it was made from, and the program for it. Also for tasks of others, by link. */
export default function TaskPage({ catalogue, task_id }: { catalogue: FamilyInfo[]; task_id: string }) {
  const { data: state, error } = useTask(task_id);
  // tasks of this browser are followed on every page
  useTaskEvents(state && !taskList.find(task_id) && !hasEnded(state) ? [task_id] : []);
  if (isLost(error)) return <TaskNotFound task_id={task_id} />;
  if (!state) return <Skeleton height={400} aria-label="Loading" role="status" />;
  return <KnownTask state={state} catalogue={catalogue} />;
}

function KnownTask({ state, catalogue }: { state: TaskState; catalogue: FamilyInfo[] }) {
  const [openedAt] = useState(Date.now);
  const { recipe, found } = knownRecipe(state, catalogue);
  const title = recipe ? titleOf(recipe, found?.family.title) : 'Task';
  useDocumentTitle(titled(title));
  const createdAt = taskList.find(state.task_id)?.created_at ?? openedAt;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          <Group justify="space-between">
            <Title order={1} size="h2">
              {title}
            </Title>
            <StatusBadge state={state} />
          </Group>
          {!hasEnded(state) && <TaskProgress created_at={createdAt} state={state} />}
          {state.status === 'failed' && <TaskFailure state={state} />}
          {hasEnded(state) && <TaskResult state={state} recipe={recipe} catalogue={catalogue} title={title} />}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="lg">
          <TaskFacts state={state} recipe={recipe} workflow={found?.workflow} />
          {state.status === 'finished' && <TaskProgram state={state} catalogue={catalogue} />}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function TaskNotFound({ task_id }: { task_id: string }) {
  useDocumentTitle(titled('Task not found'));
  return (
    <>
      <Title order={1} size="h2">
        Task not found
      </Title>
      <Text>The network has no task {task_id}. It was removed, or it belongs to another network.</Text>
    </>
  );
}
