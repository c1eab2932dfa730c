import { Grid, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { FamilyInfo } from '../../shared/api.ts';
import { useTaskList } from '../data/browser-stores.ts';
import { titled } from '../lib/words.ts';
import { MakeForm } from '../make/make-form.tsx';
import { WorkflowMenu } from '../make/workflow-menu.tsx';
import { TaskCard } from '../task/task-card.tsx';

const RECENT = 12;

/** The form of one package, and the recent tasks. */
export function MakePage({ catalogue, name }: { catalogue: FamilyInfo[]; name: string | undefined }) {
  const family = catalogue.find((candidate) => candidate.name === name);
  useDocumentTitle(titled(family?.title ?? 'Create'));
  if (!family) return <Title order={1}>Workflow {name} not found</Title>;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, sm: 4, lg: 2 }}>
        <WorkflowMenu catalogue={catalogue} name={family.name} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, sm: 8, lg: 5 }}>
        <Title order={1} size="h2" mb="md">
          {family.title}
        </Title>
        <MakeForm family={family} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <RecentTasks catalogue={catalogue} />
      </Grid.Col>
    </Grid>
  );
}

function RecentTasks({ catalogue }: { catalogue: FamilyInfo[] }) {
  const recent = useTaskList().slice(0, RECENT);
  return (
    <Stack component="section" aria-label="Recent">
      {recent.map((entry) => (
        <TaskCard key={entry.task_id} entry={entry} catalogue={catalogue} />
      ))}
      {!recent.length && <Text c="dimmed">Your results will appear here.</Text>}
    </Stack>
  );
}
