import type { Network } from '../shared/api.ts';

/** Why the network cannot run a workflow now; `undefined` when it can, or does not tell. */
export function reasonAgainst(network: Network | undefined, workflow_id: string): string | undefined {
  if (!network || 'isSilent' in network) return undefined;
  const workflow = network.workflows.find((candidate) => candidate.workflow_id === workflow_id);
  if (!workflow) return 'This network does not have this workflow.';
  if (workflow.miners > 0) return undefined;
  if (!network.miners.length) return 'No miner is connected to the network.';
  const lacks = network.miners.map((miner) => miner.lacks[workflow_id] ?? []).filter((lines) => lines.length);
  const [nearest] = lacks.toSorted((a, b) => a.length - b.length);
  if (!nearest) return 'No miner that is connected offers it.';
  // a model that is not there says more to a person than a node, and its address is for operators
  const models = nearest.filter((line) => line.startsWith('model')).map((line) => line.replace(/from \S+, /, ''));
  const [first, ...others] = [...models, ...nearest.filter((line) => !line.startsWith('model'))];
  const more = others.length ? `, and ${others.length} more` : '';
  return `No miner that is connected can run it. Missing: ${first}${more}.`;
}
