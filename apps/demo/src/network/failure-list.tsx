import { Paper, Text } from '@mantine/core';
import type { NetworkView } from '../../shared/api.ts';
import { Section } from './section.tsx';

/** Tasks that failed lately. */
export function FailureList({ failures }: { failures: NetworkView['recent_failures'] }) {
  return (
    <Section title="Recent failures">
      {!failures.length && <Text c="dimmed">None in the last 24 hours.</Text>}
      {failures.map(({ workflow_id, ended_at, error }) => (
        <Paper key={ended_at} withBorder p="md" mb="sm">
          <Text size="sm" c="dimmed">
            {workflow_id}, {new Date(ended_at).toLocaleString()}
          </Text>
          <Text size="sm">{error.message}</Text>
        </Paper>
      ))}
    </Section>
  );
}
