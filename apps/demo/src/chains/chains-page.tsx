import type { FamilyInfo } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { newId } from '../lib/new-id.ts';
import { useTitle } from '../lib/use-title.ts';
import { chooseWorkflow } from '../make/choose-workflow.ts';
import { reasonAgainst } from '../network/availability.ts';
import { Button } from '../ui/button.tsx';
import { type ChainStep, createStep } from './chain.ts';
import { ChainEditor } from './chain-editor.tsx';
import { chainStore, useChains } from './chains.ts';

/** What a new chain begins with. */
const FIRST_STEPS = ['text2image', 'upscaler'];

/** Tasks in a row: each works on what the one before has made. */
export default function ChainsPage({ catalogue }: { catalogue: FamilyInfo[] }) {
  useTitle('Chains');
  const chains = useChains();
  const { data: network } = useNetwork();
  const stepFor = (name: string): ChainStep[] => {
    const family = catalogue.find((candidate) => candidate.name === name);
    if (!family) return [];
    return [createStep(family, chooseWorkflow(family, undefined, (id) => reasonAgainst(network, id)).workflow_id)];
  };
  const add = () =>
    chainStore.save({
      id: newId(),
      name: `Chain ${chains.length + 1}`,
      prompt: '',
      steps: FIRST_STEPS.flatMap(stepFor),
      isRunning: false,
    });
  return (
    <div className="page stack" style={{ '--gap': 'var(--space-5)' }}>
      <div className="row spread">
        <h1>Chains</h1>
        <Button look="primary" onClick={add}>
          New chain
        </Button>
      </div>
      <p className="muted">
        A chain runs several tasks in a row: each works on what the one before has made. It is kept, and can be run
        again with another prompt.
      </p>
      {chains.map((chain) => (
        <ChainEditor key={chain.id} chain={chain} catalogue={catalogue} stepFor={stepFor} />
      ))}
    </div>
  );
}
