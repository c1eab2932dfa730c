import { Anchor, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { FileValue, TaskState, WorkflowInfo } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import type { Recipe } from '../lib/recipe.ts';
import { duration, labelOf, size } from '../lib/words.ts';

type Fact = [name: string, value: ReactNode];

interface TaskFactsProps {
  state: TaskState;
  recipe: Recipe | undefined;
  workflow: WorkflowInfo | undefined;
}

/** What a task was made from, and how long it took. */
export function TaskFacts({ state, recipe, workflow }: TaskFactsProps) {
  const facts: Fact[] = [
    ['Model', recipe?.workflow_id ?? state.workflow_id ?? ''],
    ...optionFacts(recipe, workflow),
    ...resultFacts(state),
  ];
  return (
    <section aria-label="Details">
      <Title order={2} size="h4" mb="xs">
        Details
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

function optionFacts(recipe: Recipe | undefined, workflow: WorkflowInfo | undefined): Fact[] {
  return Object.entries(recipe?.options ?? {}).map(([name, value]) => [
    labelOf(workflow?.files[name] ?? name),
    isFile(value) ? <Source value={value} /> : value,
  ]);
}

function resultFacts({ models = {}, outputs = [], timings = {} }: TaskState): Fact[] {
  const facts: Fact[] = [];
  for (const [requested, used] of Object.entries(models))
    facts.push(['Model file', `${used} (requested: ${requested})`]);
  for (const { width, height, bytes } of outputs)
    facts.push(['File', `${width && height ? `${width} x ${height} px, ` : ''}${size(bytes)}`]);
  if (timings.run_ms !== undefined) facts.push(['Run time', duration(timings.run_ms)]);
  if (timings.load_ms) facts.push(['Of that, loading models', duration(timings.load_ms)]);
  if (timings.queued_ms !== undefined) facts.push(['Time in queue', duration(timings.queued_ms)]);
  return facts;
}

function Source({ value }: { value: FileValue }) {
  if ('url' in value) return value.name;
  return (
    <Anchor component={Link} to={`/tasks/${value.task_id}`} fz="sm">
      output of an earlier task
    </Anchor>
  );
}
