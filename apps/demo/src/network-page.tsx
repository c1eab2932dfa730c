import { Badge, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { OpenNetwork } from '../shared/api.ts';
import { reasonAgainst } from './availability.ts';
import { useNetwork } from './queries.ts';
import { duration, titled } from './words.ts';

/** Who runs what, what waits, what failed. */
export default function NetworkPage() {
  useDocumentTitle(titled('Network'));
  const { data: network } = useNetwork();
  return (
    <Stack gap="xl">
      <Title order={1} size="h2">
        Network
      </Title>
      {network && 'isSilent' in network && <Text>This network does not tell what it runs.</Text>}
      {network && !('isSilent' in network) && <Status network={network} />}
    </Stack>
  );
}

function Status({ network }: { network: OpenNetwork }) {
  const { miners, workflows, recent_failures } = network;
  const sum = (name: 'waiting' | 'running' | 'finished' | 'failed') =>
    workflows.reduce((total, workflow) => total + workflow[name], 0);
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Figure name="Waiting">{sum('waiting')}</Figure>
        <Figure name="Running">{sum('running')}</Figure>
        <Figure name="Finished in the last hour">{sum('finished')}</Figure>
        <Figure name="Failed in the last hour">{sum('failed')}</Figure>
      </SimpleGrid>
      <section aria-label="Miners">
        <Title order={2} size="h4" mb="sm">
          Miners
        </Title>
        {!miners.length && <Text>No miner is connected. Tasks wait until one comes.</Text>}
        {miners.map(({ miner_id, is_busy, workflow_ids }) => (
          <Paper key={miner_id} withBorder p="md" mb="sm">
            <Group justify="space-between">
              <Text fw={600}>{miner_id}</Text>
              <Badge variant="dot" color={is_busy ? 'indigo' : 'gray'} tt="none">
                {is_busy ? 'at work' : 'idle'}
              </Badge>
            </Group>
            <Text size="sm">Runs {workflow_ids.join(', ')}</Text>
          </Paper>
        ))}
      </section>
      <section aria-label="Workflows">
        <Title order={2} size="h4" mb="sm">
          Workflows
        </Title>
        <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table striped>
            <Table.Thead>
              <Table.Tr>
                {['Workflow', 'Miners', 'Waiting', 'Running', 'Finished', 'Failed', 'Takes', 'Why not'].map((name) => (
                  <Table.Th key={name} scope="col">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {workflows.map(({ workflow_id, title, run_ms, ...counts }) => (
                <Table.Tr key={workflow_id}>
                  <Table.Th scope="row">
                    {title}
                    <Text size="xs" c="dimmed">
                      {workflow_id}
                    </Text>
                  </Table.Th>
                  <Table.Td>{counts.miners}</Table.Td>
                  <Table.Td>{counts.waiting}</Table.Td>
                  <Table.Td>{counts.running}</Table.Td>
                  <Table.Td>{counts.finished}</Table.Td>
                  <Table.Td>{counts.failed}</Table.Td>
                  <Table.Td>{run_ms === undefined ? '' : duration(run_ms)}</Table.Td>
                  <Table.Td maw={360} style={{ overflowWrap: 'anywhere' }}>
                    <Text size="xs">{reasonAgainst(network, workflow_id)}</Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </section>
      <section aria-label="Recent failures">
        <Title order={2} size="h4" mb="sm">
          Recent failures
        </Title>
        {!recent_failures.length && <Text c="dimmed">None in the last day.</Text>}
        {recent_failures.map(({ workflow_id, ended_at, error }) => (
          <Paper key={ended_at} withBorder p="md" mb="sm">
            <Text size="sm" c="dimmed">
              {workflow_id}, {new Date(ended_at).toLocaleString()}
            </Text>
            <Text size="sm">{error.message}</Text>
          </Paper>
        ))}
      </section>
    </>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Text size="xl" fw={700}>
        {children}
      </Text>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
    </Paper>
  );
}
