import type { NetworkView } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { useTitle } from '../lib/use-title.ts';
import { FailureList } from '../network/failure-list.tsx';
import { Figures } from '../network/figures.tsx';
import { MinerList } from '../network/miner-list.tsx';
import { WorkflowTable } from '../network/workflow-table.tsx';

/** Who runs what, what waits, what failed. */
export default function NetworkPage() {
  useTitle('Network');
  const { data: network } = useNetwork();
  return (
    <div className="page stack" style={{ '--gap': 'var(--space-6)' }}>
      <div className="stack" style={{ '--gap': 'var(--space-1)' }}>
        <h1>Network</h1>
        <p className="muted">Who runs what, what waits for a miner, and what failed: as it is now.</p>
      </div>
      {network && 'isSilent' in network ? (
        <p>This network does not report its status.</p>
      ) : (
        <NetworkDetails network={network} />
      )}
    </div>
  );
}

function NetworkDetails({ network }: { network: NetworkView | undefined }) {
  return (
    <>
      <Figures workflows={network?.workflows} />
      {network && (
        <>
          <MinerList miners={network.miners} />
          <WorkflowTable network={network} />
          <FailureList failures={network.recent_failures} />
        </>
      )}
    </>
  );
}
