import type { FamilyInfo } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { useTitle } from '../lib/use-title.ts';
import { chooseWorkflow } from '../make/choose-workflow.ts';
import { reasonAgainst } from '../network/availability.ts';
import { type ChainStep, createStep } from './chain.ts';
import { ChainEditor } from './chain-editor.tsx';
import { ChainOverview } from './chain-overview.tsx';
import { useChains } from './chains.ts';

/** Tasks in a row: each works on what the one before has made. One chain, or all of them. */
export default function ChainsPage({ catalogue, id }: { catalogue: FamilyInfo[]; id: string | undefined }) {
  const chain = useChains().find((one) => one.id === id);
  useTitle(chain ? `${chain.name} · Chains` : 'Chains');
  const { data: network } = useNetwork();
  const stepFor = (name: string): ChainStep[] => {
    const family = catalogue.find((candidate) => candidate.name === name);
    if (!family) return [];
    return [createStep(family, chooseWorkflow(family, undefined, (one) => reasonAgainst(network, one)).workflow_id)];
  };
  if (chain) return <ChainEditor key={chain.id} chain={chain} catalogue={catalogue} stepFor={stepFor} />;
  return (
    <ChainOverview catalogue={catalogue} stepFor={stepFor} isReady={network !== undefined} isLost={id !== undefined} />
  );
}
