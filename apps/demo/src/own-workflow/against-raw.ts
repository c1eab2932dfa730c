import type { NetworkReply } from '../../shared/api.ts';

/** A network says which workflows its miners run, and of raw graphs not which nodes they allow. */
export function reasonAgainstRaw(network: NetworkReply | undefined): string {
  if (!network) return 'This page cannot run it for you.';
  if ('isSilent' in network) return 'This page cannot run it for you: the network does not report what it can run.';
  const raw = network.workflows.find(({ workflow_id }) => workflow_id === 'raw');
  if (!raw)
    return 'This page cannot run it for you: the network takes only its own workflows, and no graphs of visitors.';
  if (!raw.miners) return 'This page cannot run it for you: no miner of the network takes graphs of visitors.';
  return 'This page cannot run it for you: the network takes graphs, but does not report which nodes its miners allow.';
}
