import type { FamilyInfo, NetworkReply } from '../../shared/api.ts';

/** Why the network cannot run a workflow right now; `undefined` if it can, or does not report its status. */
export function reasonAgainst(network: NetworkReply | undefined, workflow_id: string): string | undefined {
  if (!network || 'isSilent' in network) return undefined;
  const workflow = network.workflows.find((candidate) => candidate.workflow_id === workflow_id);
  if (!workflow) return 'This network does not offer this workflow.';
  if (workflow.miners > 0) return undefined;
  if (!network.miners.length) return 'No miners are connected.';
  const lacks = network.miners.map((miner) => miner.lacks[workflow_id] ?? []).filter((lines) => lines.length);
  const [nearest] = lacks.toSorted((a, b) => a.length - b.length);
  if (!nearest) return 'No connected miner offers this workflow.';
  // people care about missing models more than about nodes; the download address is for operators
  const models = nearest.filter((line) => line.startsWith('model')).map((line) => line.replace(/from \S+, /, ''));
  const [first, ...others] = [...models, ...nearest.filter((line) => !line.startsWith('model'))];
  const more = others.length ? `, and ${others.length} more` : '';
  return `No connected miner can run this workflow. Missing: ${first}${more}.`;
}

/** Whether the network can run any graph of a package right now. */
export const isRunnable = (network: NetworkReply | undefined, { workflows }: FamilyInfo): boolean =>
  workflows.some(({ workflow_id }) => !reasonAgainst(network, workflow_id));
