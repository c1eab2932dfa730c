import type { MinerStatus } from '@heurist/core';
import { Badge, Group, Paper, Text } from '@mantine/core';
import { Section } from './section.tsx';

/** The connected miners, and what each runs. */
export function MinerList({ miners }: { miners: readonly MinerStatus[] }) {
  return (
    <Section title="Miners">
      {!miners.length && <Text>No miners are connected. Tasks wait until one connects.</Text>}
      {miners.map(({ miner_id, is_busy, workflow_ids, models = [] }) => (
        <Paper key={miner_id} withBorder p="md" mb="sm">
          <Group justify="space-between">
            <Text fw={600}>{miner_id}</Text>
            <Badge variant="dot" color={is_busy ? 'indigo' : 'gray'} tt="none">
              {is_busy ? 'busy' : 'idle'}
            </Badge>
          </Group>
          <Text size="sm">Runs {workflow_ids.join(', ')}</Text>
          {models.length > 0 && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              Has in memory {models.join(', ')}
            </Text>
          )}
        </Paper>
      ))}
    </Section>
  );
}
