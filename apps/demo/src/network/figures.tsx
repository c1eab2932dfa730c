import type { WorkflowStatus } from '@heurist/core';
import { Paper, SimpleGrid, Text } from '@mantine/core';

/** Totals of all workflows. */
export function Figures({ workflows }: { workflows: readonly WorkflowStatus[] }) {
  const sum = (name: 'waiting' | 'running' | 'finished' | 'failed') =>
    workflows.reduce((total, workflow) => total + workflow[name], 0);
  const figures = {
    Waiting: sum('waiting'),
    Running: sum('running'),
    'Finished in the last hour': sum('finished'),
    'Failed in the last hour': sum('failed'),
  };
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }}>
      {Object.entries(figures).map(([name, count]) => (
        <Paper key={name} withBorder p="md">
          <Text size="xl" fw={700}>
            {count}
          </Text>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
