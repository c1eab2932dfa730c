import type { ReactNode } from 'react';
import type { NetworkReply } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';

/** Why the page runs no file of a visitor, and where it can be run. */
export function RunHere({ command }: { command: ReactNode }) {
  const { data: network } = useNetwork();
  return (
    <>
      <p>{reasonAgainstRaw(network)} Once your package is on a network, its tasks run like all others.</p>
      {command}
    </>
  );
}

/** A network says which workflows its miners run, and of raw graphs not which nodes they allow. */
function reasonAgainstRaw(network: NetworkReply | undefined): string {
  if (!network) return 'This page cannot run it for you.';
  if ('isSilent' in network) return 'This page cannot run it for you: the network does not report what it can run.';
  const raw = network.workflows.find(({ workflow_id }) => workflow_id === 'raw');
  if (!raw)
    return 'This page cannot run it for you: the network takes only its own workflows, and no graphs of visitors.';
  if (!raw.miners) return 'This page cannot run it for you: no miner of the network takes graphs of visitors.';
  return 'This page cannot run it for you: the network takes graphs, but does not report which nodes its miners allow.';
}
