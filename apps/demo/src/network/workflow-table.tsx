import type { WorkflowStatus } from '@heurist/core';
import { Table, Text } from '@mantine/core';
import type { NetworkView } from '../../shared/api.ts';
import { duration } from '../lib/words.ts';
import { reasonAgainst } from './availability.ts';
import { Section } from './section.tsx';

const columns = [
  'Workflow',
  'Miners',
  'Waiting',
  'Running',
  'Finished',
  'Failed',
  'Average time',
  'Models in memory',
  'Unavailable because',
];

/** Every workflow of the network, and how busy it is. */
export function WorkflowTable({ network }: { network: NetworkView }) {
  return (
    <Section title="Workflows">
      <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              {columns.map((name) => (
                <Table.Th key={name} scope="col">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {network.workflows.map((workflow) => (
              <WorkflowRow
                key={workflow.workflow_id}
                workflow={workflow}
                reason={reasonAgainst(network, workflow.workflow_id)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function WorkflowRow({ workflow, reason }: { workflow: WorkflowStatus; reason: string | undefined }) {
  const { workflow_id, title, run_ms, models, miners, waiting, running, finished, failed } = workflow;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {title}
        <Text size="xs" c="dimmed">
          {workflow_id}
        </Text>
      </Table.Th>
      {[miners, waiting, running, finished, failed].map((count, column) => (
        <Table.Td key={columns[column]}>{count}</Table.Td>
      ))}
      <Table.Td>{run_ms === undefined ? '' : duration(run_ms)}</Table.Td>
      <Table.Td>{models && describeModels(models)}</Table.Td>
      <Table.Td maw={360} style={{ overflowWrap: 'anywhere' }}>
        <Text size="xs">{reason}</Text>
      </Table.Td>
    </Table.Tr>
  );
}

/** How often a task found its models in memory, and what it cost if it did not. */
function describeModels({ warm, cold, load_ms }: NonNullable<WorkflowStatus['models']>): string {
  const share =
    warm + cold
      ? `${Math.round((100 * warm) / (warm + cold))} % of ${warm + cold} ${warm + cold === 1 ? 'task' : 'tasks'}`
      : '';
  return [share, load_ms === undefined ? '' : `loading takes ${duration(load_ms)}`].filter(Boolean).join(', ');
}
