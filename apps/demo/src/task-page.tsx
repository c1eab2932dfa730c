import {
  Anchor,
  Badge,
  Button,
  Code,
  CopyButton,
  Grid,
  Group,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo, FileValue, Output, TaskState } from '../shared/api.ts';
import { addressOf, api } from './api.ts';
import { CompareSlider } from './compare-slider.tsx';
import { OutputView } from './output-view.tsx';
import { type Step, writeProgram } from './program.ts';
import { hasEnded, isLost, useTask, useTaskEvents } from './queries.ts';
import { findWorkflow, isFile, type Recipe, recipeOf, withSeed } from './recipe.ts';
import { TaskActions } from './task-actions.tsx';
import { Failure, titleOf, Underway } from './task-card.tsx';
import { taskList } from './task-list.ts';
import { duration, labelOf, size, titled } from './words.ts';

/** One task whole: its result, what made it, and the program that makes it again. Also for tasks of others, by link. */
export default function TaskPage({ catalogue, task_id }: { catalogue: FamilyInfo[]; task_id: string }) {
  const { data: state, error } = useTask(task_id);
  const [openedAt] = useState(Date.now);
  const recipe = state && recipeFor(state, catalogue);
  const title = recipe ? titleOf(recipe, findWorkflow(catalogue, recipe.workflow_id)?.family.title) : 'A task';
  useDocumentTitle(titled(title));
  // tasks of this browser are followed on every page
  const entry = taskList.find(task_id);
  useTaskEvents(state && !entry && !hasEnded(state) ? [task_id] : []);
  if (isLost(error))
    return (
      <>
        <Title order={1} size="h2">
          There is no such task
        </Title>
        <Text>The network does not have the task {task_id}: it was removed, or it belongs to another network.</Text>
      </>
    );
  if (!state) return <Skeleton height={400} aria-label="Loading" role="status" />;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          <Group justify="space-between">
            <Title order={1} size="h2">
              {title}
            </Title>
            <span role="status">
              <Badge variant="dot" tt="none">
                {state.status}
              </Badge>
            </span>
          </Group>
          {!hasEnded(state) && <Underway created_at={entry?.created_at ?? openedAt} state={state} />}
          {state.status === 'failed' && <Failure state={state} />}
          {state.outputs?.map((output, index) => (
            <Stack key={output.url} gap="xs">
              <Result output={output} recipe={recipe} title={title} />
              <TaskActions state={state} recipe={recipe} output={index} />
            </Stack>
          ))}
          {hasEnded(state) && !state.outputs?.length && <TaskActions state={state} recipe={recipe} />}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="lg">
          <Facts state={state} recipe={recipe} />
          {state.status === 'finished' && <Program state={state} catalogue={catalogue} />}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

/** What it was made from: as this browser noted it, else as the network tells it. */
function recipeFor(state: TaskState, catalogue: FamilyInfo[]): Recipe | undefined {
  const recipe = taskList.find(state.task_id) ?? recipeOf(state, catalogue);
  const found = findWorkflow(catalogue, recipe?.workflow_id);
  return recipe && found ? withSeed(recipe, state, found.workflow) : recipe;
}

function Result({ output, recipe, title }: { output: Output; recipe: Recipe | undefined; title: string }) {
  const source = recipe?.options.image_url;
  if (output.kind === 'image' && isFile(source))
    return <CompareSlider before={addressOf(source)} after={output.url} alt={title} />;
  return <OutputView output={output} alt={title} isWhole />;
}

function Facts({ state, recipe }: { state: TaskState; recipe: Recipe | undefined }) {
  const { timings = {}, outputs = [], models = {} } = state;
  const options = Object.entries(recipe?.options ?? {});
  const facts: [string, ReactNode][] = [
    ['Model', recipe?.workflow_id ?? state.workflow_id ?? ''],
    ...options.map(([name, value]): [string, ReactNode] => [
      labelOf(name),
      isFile(value) ? <Source value={value} /> : value,
    ]),
    ...Object.entries(models).map(([asked, used]): [string, string] => ['Weights', `${used}, for ${asked}`]),
    ...outputs.map(({ width, height, bytes }): [string, string] => [
      'File',
      `${width && height ? `${width} x ${height} px, ` : ''}${size(bytes)}`,
    ]),
  ];
  if (timings.run_ms !== undefined) facts.push(['Time', duration(timings.run_ms)]);
  if (timings.queued_ms !== undefined) facts.push(['Waited', duration(timings.queued_ms)]);
  return (
    <section aria-label="Made from">
      <Title order={2} size="h4" mb="xs">
        Made from
      </Title>
      <Table layout="fixed">
        <Table.Tbody>
          {facts.map(([name, value], index) => (
            <Table.Tr key={index}>
              <Table.Th scope="row" w="35%">
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Source({ value }: { value: FileValue }) {
  if ('url' in value) return value.name;
  return (
    <Anchor component={Link} to={`/tasks/${value.task_id}`} fz="sm">
      an earlier task's
    </Anchor>
  );
}

function Program({ state, catalogue }: { state: TaskState; catalogue: FamilyInfo[] }) {
  const { data: program } = useQuery({
    queryKey: ['program', state.task_id],
    queryFn: async () => writeProgram(await chainOf(state, catalogue)),
  });
  if (program === undefined) return null;
  return (
    <section aria-label="Program">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          The program
        </Title>
        {'clipboard' in navigator && (
          <CopyButton value={program}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? 'Program copied' : 'Copy program'}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {/* what scrolls must be reached by keyboard */}
      <Code block tabIndex={0} data-program>
        {program}
      </Code>
    </section>
  );
}

/** The tasks that led to this one, in the order in which they ran. */
async function chainOf(state: TaskState, catalogue: FamilyInfo[]): Promise<Step[]> {
  const recipe = recipeFor(state, catalogue);
  const found = findWorkflow(catalogue, recipe?.workflow_id);
  if (!recipe || !found) return [];
  const before: Step[] = [];
  for (const value of Object.values(recipe.options))
    if (isFile(value) && 'task_id' in value) before.push(...(await chainOf(await api.task(value.task_id), catalogue)));
  const step = { ...recipe, task_id: state.task_id, info: found.family };
  return [...new Map([...before, step].map((one) => [one.task_id, one])).values()];
}
