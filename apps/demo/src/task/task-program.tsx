import { Button, Code, CopyButton, Group, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { api } from '../data/api.ts';
import { isFile } from '../lib/file-value.ts';
import { type ProgramStep, writeProgram } from '../lib/program.ts';
import { knownRecipe } from './known-recipe.ts';

/** The TypeScript program that gives the same result. */
export function TaskProgram({ state, catalogue }: { state: TaskState; catalogue: FamilyInfo[] }) {
  const { data: program } = useQuery({
    queryKey: ['program', state.task_id],
    queryFn: async () => writeProgram(await chainOf(state, catalogue)),
  });
  if (program === undefined) return null;
  return (
    <section aria-label="Code">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Code
        </Title>
        {'clipboard' in navigator && <CopyCode program={program} />}
      </Group>
      {/* a scrolling area must be reachable by keyboard */}
      <Code block tabIndex={0} data-program>
        {program}
      </Code>
    </section>
  );
}

function CopyCode({ program }: { program: string }) {
  return (
    <CopyButton value={program}>
      {({ copied, copy }) => (
        <Button size="xs" variant="default" onClick={copy}>
          {copied ? 'Code copied' : 'Copy code'}
        </Button>
      )}
    </CopyButton>
  );
}

/** The tasks that led to this one, in the order in which they ran. */
async function chainOf(state: TaskState, catalogue: FamilyInfo[]): Promise<ProgramStep[]> {
  const { recipe, found } = knownRecipe(state, catalogue);
  if (!recipe || !found) return [];
  const before: ProgramStep[] = [];
  for (const value of Object.values(recipe.options))
    if (isFile(value) && 'task_id' in value) before.push(...(await chainOf(await api.task(value.task_id), catalogue)));
  const step = { ...recipe, task_id: state.task_id, info: found.family };
  return [...new Map([...before, step].map((one) => [one.task_id, one])).values()];
}
