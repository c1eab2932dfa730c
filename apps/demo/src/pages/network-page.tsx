import { Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { NetworkView } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { titled } from '../lib/words.ts';
import { FailureList } from '../network/failure-list.tsx';
import { Figures } from '../network/figures.tsx';
import { MinerList } from '../network/miner-list.tsx';
import { WorkflowTable } from '../network/workflow-table.tsx';

/** Who runs what, what waits, what failed. */
export default function NetworkPage() {
  useDocumentTitle(titled('Network'));
  const { data: network } = useNetwork();
  return (
    <Stack gap="xl">
      <Title order={1} size="h2">
        Network
      </Title>
      {network && 'isSilent' in network && <Text>This network does not report its status.</Text>}
      {network && !('isSilent' in network) && <NetworkDetails network={network} />}
    </Stack>
  );
}

function NetworkDetails({ network }: { network: NetworkView }) {
  return (
    <>
      <Figures workflows={network.workflows} />
      <MinerList miners={network.miners} />
      <WorkflowTable network={network} />
      <FailureList failures={network.recent_failures} />
    </>
  );
}
