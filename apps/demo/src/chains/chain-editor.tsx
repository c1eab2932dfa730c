import { useId } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { labelOf } from '../lib/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Chain, type ChainStep, inputOption, nextStep, reset, stoppedAt, withAdded, withPrompt } from './chain.ts';
import { ChainCode } from './chain-code.tsx';
import { ChainStepItem } from './chain-step-item.tsx';
import { chainStore, startChain, stopChain } from './chains.ts';

interface ChainEditorProps {
  chain: Chain;
  catalogue: FamilyInfo[];
  /** A step for a package, with a graph that the network can run. */
  stepFor: (family: string) => ChainStep[];
}

/** One chain: its prompt, its steps, and how far it is. */
export function ChainEditor({ chain, catalogue, stepFor }: ChainEditorProps) {
  const id = useId();
  const { name, prompt, steps, isRunning } = chain;
  return (
    <article className="chain stack" aria-label={name} data-chain={chain.id}>
      <Field id={`${id}-name`} label="Name">
        <input
          id={`${id}-name`}
          className="input"
          value={name}
          maxLength={100}
          onChange={({ currentTarget }) => chainStore.save({ ...chain, name: currentTarget.value })}
        />
      </Field>
      <Field id={`${id}-prompt`} label="Prompt" hint="For every step that has none of its own.">
        <textarea
          id={`${id}-prompt`}
          className="input"
          rows={2}
          value={prompt}
          disabled={isRunning}
          onChange={({ currentTarget }) => chainStore.save(withPrompt(chain, currentTarget.value, catalogue))}
        />
      </Field>
      <ol className="chain-steps">
        {steps.map((step, index) => (
          <ChainStepItem key={`${index}-${step.family}`} chain={chain} index={index} catalogue={catalogue} />
        ))}
      </ol>
      <AddStep chain={chain} catalogue={catalogue} stepFor={stepFor} />
      <ChainStatus chain={chain} catalogue={catalogue} />
      <ChainButtons chain={chain} catalogue={catalogue} />
      {steps.length > 0 && <ChainCode chain={chain} catalogue={catalogue} />}
    </article>
  );
}

function AddStep({ chain, catalogue, stepFor }: ChainEditorProps) {
  const id = useId();
  const isFirst = !chain.steps.length;
  const fitting = catalogue.filter(({ workflows }) => isFirst || inputOption(workflows[0]!) !== undefined);
  return (
    <Field id={id} label="Add a step">
      <select
        id={id}
        className="input"
        value=""
        disabled={chain.isRunning}
        onChange={({ currentTarget }) => {
          for (const step of stepFor(currentTarget.value)) chainStore.save(withAdded(chain, step));
        }}
      >
        <option value="">Choose …</option>
        {fitting.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </Field>
  );
}

function ChainStatus({ chain, catalogue }: Pick<ChainEditorProps, 'chain' | 'catalogue'>) {
  const stopped = stoppedAt(chain);
  const titleOf = (index: number) =>
    catalogue.find(({ name }) => name === chain.steps[index]?.family)?.title ?? labelOf('step');
  const next = nextStep(chain);
  return (
    <div role="status" aria-live="polite">
      {chain.isRunning && next !== undefined && (
        <p>
          Step {next + 1} of {chain.steps.length} runs: {titleOf(next)}.
        </p>
      )}
      {!chain.isRunning && stopped && (
        <Notice tone="bad" title={`Step ${stopped.index + 1}, ${titleOf(stopped.index)}, did not finish`}>
          {stopped.end.message ?? `It was ${stopped.end.status}.`}
        </Notice>
      )}
      {next === undefined && chain.steps.length > 0 && <p>All {chain.steps.length} steps have finished.</p>}
    </div>
  );
}

function ChainButtons({ chain, catalogue }: Pick<ChainEditorProps, 'chain' | 'catalogue'>) {
  const { id, isRunning, steps } = chain;
  const next = nextStep(chain);
  const run = (from: number) => {
    chainStore.save(reset(chain, from));
    void startChain(id, catalogue);
  };
  return (
    <div className="row">
      {isRunning ? (
        <Button onClick={() => stopChain(id)}>Stop</Button>
      ) : (
        <>
          {next !== undefined && (
            // a task that was submitted goes on; one that failed is made anew
            <Button look="primary" onClick={() => (steps[next]!.end ? run(next) : void startChain(id, catalogue))}>
              {next > 0 ? `Go on with step ${next + 1}` : 'Run'}
            </Button>
          )}
          {steps.some(({ task_id }) => task_id) && <Button onClick={() => run(0)}>Run all again</Button>}
        </>
      )}
      <Button look="quiet" disabled={isRunning} onClick={() => chainStore.remove(id)}>
        Remove chain
      </Button>
    </div>
  );
}
