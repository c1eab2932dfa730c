import {
  IconArrowLeft,
  IconCode,
  IconCopy,
  IconDots,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { lazy, Suspense, useId, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useKey } from '../keys/use-key.ts';
import { newId } from '../lib/new-id.ts';
import { Button, Key } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { type Chain, type ChainStep, nextStep, reset } from './chain.ts';
import { programOf } from './chain-program.ts';
import { nextRun, withDraft } from './chain-state.ts';
import { ChainStatus } from './chain-status.tsx';
import { ChainSteps } from './chain-steps.tsx';
import { chainStore, startChain, stopChain } from './chains.ts';
import { StepPanel } from './step-panel.tsx';
import { useMove } from './use-move.ts';

// few copy it
const ProgramDialog = lazy(() => import('../programs/program-dialog.tsx'));

interface ChainEditorProps {
  chain: Chain;
  catalogue: FamilyInfo[];
  /** A step for a package, with a graph that the network can run. */
  stepFor: (family: string) => ChainStep[];
}

/** One chain: its prompt, its steps side by side, the options of one of them, and how far it is. */
export function ChainEditor({ chain, catalogue, stepFor }: ChainEditorProps) {
  const [chosen, choose] = useState<number>();
  const run = (next: Chain) => {
    choose(undefined);
    chainStore.save(next);
    void startChain(next.id, catalogue);
  };
  const moves = useMove(chain, catalogue, choose);
  const last = chain.steps.length - 1;
  // unless one was chosen, the step that runs or is to run
  const shown = Math.min(chosen ?? nextStep(chain) ?? last, last);
  return (
    <article className="page chain stack" aria-label={chain.name} data-chain={chain.id}>
      <ChainHead chain={chain} catalogue={catalogue} onRun={run} />
      <ChainPrompt chain={chain} catalogue={catalogue} onRun={run} />
      <ChainStatus chain={chain} catalogue={catalogue} onRun={run} />
      <ChainSteps {...{ chain, catalogue, stepFor, shown, moves }} onChoose={choose} />
      {chain.steps[shown] && <StepPanel chain={chain} index={shown} catalogue={catalogue} moves={moves} />}
    </article>
  );
}

type PartProps = Pick<ChainEditorProps, 'chain' | 'catalogue'> & { onRun: (chain: Chain) => void };

function ChainHead({ chain, catalogue, onRun }: PartProps) {
  const id = useId();
  const [, navigate] = useLocation();
  const { name, steps, isRunning } = chain;
  const busy = isRunning ? 'The chain is running.' : undefined;
  const duplicate = () => {
    const copy = { ...reset(chain, 0), id: newId(), name: `${name} (copy)`, isRunning: false };
    chainStore.save(copy);
    navigate(`/chains/${copy.id}`);
  };
  const remove = () => {
    chainStore.remove(chain.id);
    navigate('/chains');
  };
  return (
    <header className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <h1 className="hidden">{name}</h1>
      <Link to="/chains" className="chain-back">
        <IconArrowLeft size={16} /> All chains
      </Link>
      <div className="chain-head">
        <label className="hidden" htmlFor={id}>
          Name
        </label>
        <input
          id={id}
          className="chain-name"
          value={name}
          maxLength={100}
          onChange={({ currentTarget }) => chainStore.save({ ...chain, name: currentTarget.value })}
        />
        {steps.length > 0 && <CopyProgram chain={chain} catalogue={catalogue} />}
        <Menu
          label="More actions"
          isIcon
          groups={[
            [
              { label: 'Run all again', Icon: IconRefresh, reason: busy, onSelect: () => onRun(reset(chain, 0)) },
              { label: 'Duplicate', Icon: IconCopy, onSelect: duplicate },
            ],
            [{ label: 'Remove', Icon: IconTrash, reason: busy, onSelect: remove }],
          ]}
        >
          <IconDots size={18} />
        </Menu>
      </div>
    </header>
  );
}

function CopyProgram({ chain, catalogue }: Pick<PartProps, 'chain' | 'catalogue'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <IconCode size={16} />
        Copy program
      </Button>
      {isOpen && (
        <Suspense>
          <ProgramDialog
            title="The chain as a program"
            steps={programOf(chain, catalogue)}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}

function ChainPrompt({ chain, catalogue, onRun }: PartProps) {
  const id = useId();
  const { prompt, draft, isRunning, steps } = chain;
  const next = nextRun(chain, catalogue);
  const run = isRunning || !steps.length ? undefined : () => onRun(next.chain);
  const stop = () => void stopChain(chain.id);
  useKey('make', run);
  useKey('cancel', isRunning ? stop : undefined);
  return (
    <form
      className="prompt-box"
      onSubmit={(event) => {
        event.preventDefault();
        run?.();
      }}
    >
      <label className="hidden" htmlFor={id}>
        Prompt
      </label>
      <textarea
        id={id}
        dir="auto"
        rows={2}
        data-prompt
        placeholder="What every step that takes a prompt makes"
        value={draft ?? prompt}
        disabled={isRunning}
        onChange={({ currentTarget }) => chainStore.save(withDraft(chain, currentTarget.value))}
      />
      {isRunning ? (
        <Button size="large" onClick={stop}>
          <IconPlayerStop size={18} />
          Stop
          <Key>Esc</Key>
        </Button>
      ) : (
        <Button type="submit" look="primary" size="large" disabled={!run}>
          <IconPlayerPlay size={18} />
          {next.label}
          <Key>Ctrl ⏎</Key>
        </Button>
      )}
    </form>
  );
}
