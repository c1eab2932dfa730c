import { IconPlus } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { addressOf } from '../lib/file-value.ts';
import { newId } from '../lib/new-id.ts';
import { iconOf } from '../make/family-icons.ts';
import { Button } from '../ui/button.tsx';
import type { Chain, ChainStep } from './chain.ts';
import { CHAIN_EXAMPLES, type ChainExample } from './chain-examples.ts';
import { shownTask, summaryOfChain } from './chain-state.ts';
import { chainStore, startChain, useChains } from './chains.ts';

interface ChainOverviewProps {
  catalogue: FamilyInfo[];
  /** A step for a package, with a graph that the network can run. */
  stepFor: (family: string) => ChainStep[];
  /** Whether it is known what the network can run. */
  isReady: boolean;
  /** Whether a chain was asked for that this browser does not have. */
  isLost: boolean;
}

/** What a chain is, examples to begin with, and the chains of this browser. */
export function ChainOverview({ catalogue, stepFor, isReady, isLost }: ChainOverviewProps) {
  const chains = useChains();
  const [, navigate] = useLocation();
  const open = (chain: Omit<Chain, 'id' | 'isRunning'>): string => {
    const id = newId();
    chainStore.save({ ...chain, id, isRunning: false });
    navigate(`/chains/${id}`);
    return id;
  };
  const begin = ({ name, prompt, steps }: ChainExample) => {
    const made = steps.flatMap(({ family, options = {} }) => stepFor(family).map((step) => ({ ...step, options })));
    void startChain(open({ name, prompt, steps: made }), catalogue);
  };
  return (
    <div className="page stack" style={{ '--gap': 'var(--space-6)' }}>
      <header className="stack" style={{ '--gap': 'var(--space-2)' }}>
        <div className="row spread">
          <h1>Chains</h1>
          <Button
            onClick={() => open({ name: `Chain ${chains.length + 1}`, prompt: '', steps: stepFor('text2image') })}
            aria-disabled={!isReady}
          >
            <IconPlus size={16} />
            New chain
          </Button>
        </div>
        <p className="muted chains-about">
          A chain runs several tasks in a row: each works on what the one before has made. It is kept: run it again with
          another prompt, or take it along as one program.
        </p>
        {isLost && <p>This browser has no such chain. It was removed, or belongs to another browser.</p>}
      </header>
      {chains.length > 0 && (
        <section className="stack chain-section" aria-labelledby="your-chains">
          <h2 id="your-chains">Your chains</h2>
          <ul className="chain-cards">
            {chains.map((chain) => (
              <li key={chain.id}>
                <ChainCard chain={chain} catalogue={catalogue} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="stack chain-section" aria-labelledby="examples">
        <h2 id="examples">Begin with an example</h2>
        <ul className="chain-cards">
          {CHAIN_EXAMPLES.map((example) => (
            <li key={example.name}>
              <ExampleCard example={example} catalogue={catalogue} isReady={isReady} onBegin={() => begin(example)} />
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function ChainCard({ chain, catalogue }: { chain: Chain; catalogue: FamilyInfo[] }) {
  const makesImage = (family: string) => catalogue.find(({ name }) => name === family)?.makes === 'image';
  const pictures = chain.steps.map((step) => {
    const task_id = makesImage(step.family) ? shownTask(step) : undefined;
    return { family: step.family, src: task_id && addressOf({ task_id, output: 0 }) };
  });
  return (
    <Link to={`/chains/${chain.id}`} className="chain-card">
      <ChainStrip pictures={pictures} />
      <span className="chain-card-title">{chain.name}</span>
      <span className="chain-card-about">{summaryOfChain(chain)}</span>
      {chain.prompt && <span className="chain-card-prompt">{chain.prompt}</span>}
    </Link>
  );
}

interface ExampleCardProps {
  example: ChainExample;
  catalogue: FamilyInfo[];
  isReady: boolean;
  onBegin: () => void;
}

function ExampleCard({ example, catalogue, isReady, onBegin }: ExampleCardProps) {
  const { name, about, prompt, steps, pictures } = example;
  const titles = steps.map(({ family }) => catalogue.find((one) => one.name === family)?.title ?? family);
  const strip = steps.map(({ family }, index) => ({ family, src: pictures[index] && `/samples/${pictures[index]}` }));
  return (
    <button type="button" className="chain-card" aria-disabled={!isReady} onClick={() => isReady && onBegin()}>
      <ChainStrip pictures={strip} />
      <span className="chain-card-title">{name}</span>
      <span className="chain-card-about">{titles.join(' → ')}</span>
      <span className="chain-card-about">{about}</span>
      <span className="chain-card-prompt">{prompt}</span>
    </button>
  );
}

interface StripPicture {
  family: string;
  src: string | undefined;
}

/** The steps as small pictures, each leading to the next. */
function ChainStrip({ pictures }: { pictures: readonly StripPicture[] }) {
  return (
    <span className="chain-strip" aria-hidden>
      {pictures.map(({ family, src }, index) => {
        const Icon = iconOf(family);
        return (
          <span key={index} className="strip-picture">
            {src ? <img src={src} alt="" loading="lazy" /> : <Icon size={24} stroke={1.4} />}
          </span>
        );
      })}
    </span>
  );
}
