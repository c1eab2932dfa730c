import type { FamilyInfo } from '../../shared/api.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Chain, nextStep, reset, stoppedAt } from './chain.ts';

interface ChainStatusProps {
  chain: Chain;
  catalogue: FamilyInfo[];
  onRun: (chain: Chain) => void;
}

/** How far a chain is; where it stopped, why, and the way on. */
export function ChainStatus({ chain, catalogue, onRun }: ChainStatusProps) {
  const { steps, isRunning } = chain;
  const titleOf = (index: number) =>
    catalogue.find(({ name }) => name === steps[index]?.family)?.title ?? steps[index]!.family;
  const stopped = isRunning ? undefined : stoppedAt(chain);
  return (
    <div role="status" aria-live="polite">
      {stopped ? (
        <Stopped {...stopped} title={titleOf(stopped.index)} onGoOn={() => onRun(reset(chain, stopped.index))} />
      ) : (
        <p className="muted small">{textOf(chain, titleOf)}</p>
      )}
    </div>
  );
}

function textOf(chain: Chain, titleOf: (index: number) => string): string {
  const { steps, isRunning } = chain;
  const next = nextStep(chain);
  if (!steps.length) return 'Add a step to begin.';
  if (next === undefined) return `All ${steps.length} steps have finished.`;
  if (isRunning) return `Step ${next + 1} of ${steps.length} runs: ${titleOf(next)}.`;
  return next ? `${next} of ${steps.length} steps have finished.` : 'Each step works on what the one before has made.';
}

interface StoppedProps extends NonNullable<ReturnType<typeof stoppedAt>> {
  title: string;
  onGoOn: () => void;
}

function Stopped({ index, end: { status, message }, title, onGoOn }: StoppedProps) {
  const isWaiting = status === 'incomplete';
  const what = isWaiting ? 'waits for you' : status === 'canceled' ? 'was canceled' : 'did not finish';
  return (
    <Notice tone={isWaiting ? 'warn' : 'bad'} title={`Step ${index + 1}, ${title}, ${what}`}>
      <div className="row spread">
        <span>{message ?? 'Nothing was made.'}</span>
        <Button size="compact" onClick={onGoOn}>
          Go on from here
        </Button>
      </div>
    </Notice>
  );
}
