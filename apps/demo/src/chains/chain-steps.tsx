import { IconPlus } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import type { FamilyInfo, TaskState, WorkflowInfo } from '../../shared/api.ts';
import { useTask } from '../data/tasks.ts';
import { addressOf } from '../lib/file-value.ts';
import { modelName } from '../lib/model-name.ts';
import { findWorkflow } from '../lib/recipe.ts';
import { iconOf } from '../make/family-icons.ts';
import { progressText } from '../task/progress-text.ts';
import { Menu } from '../ui/menu.tsx';
import { type Chain, type ChainStep, inputOption, nextStep, reasonAgainstOrder, withAdded } from './chain.ts';
import { lookOf, type StepLook, shownTask } from './chain-state.ts';
import { chainStore } from './chains.ts';
import type { StepMoves } from './use-move.ts';

interface ChainStepsProps {
  chain: Chain;
  catalogue: FamilyInfo[];
  /** A step for a package, with a graph that the network can run. */
  stepFor: (family: string) => ChainStep[];
  /** The step whose options are shown. */
  shown: number;
  moves: StepMoves;
  onChoose: (index: number | undefined) => void;
}

/** How far a key moves a step, with Alt: to the side, or up and down on a phone. */
const MOVES: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** The steps side by side, with what each has made: on a phone one under the other. */
export function ChainSteps({ chain, catalogue, stepFor, shown, moves, onChoose }: ChainStepsProps) {
  const next = nextStep(chain);
  const moveByKey = (event: KeyboardEvent, index: number) => {
    const by = event.altKey ? MOVES[event.key] : undefined;
    if (by === undefined) return;
    // Alt with an arrow would leave the page
    event.preventDefault();
    const cards = event.currentTarget.closest('ol');
    onChoose(index);
    if (flushSync(() => moves.move(index, index + by))) cards?.children[index + by]?.querySelector('button')?.focus();
  };
  return (
    <ol className="chain-steps" aria-label="Steps">
      {chain.steps.map((step, index) => (
        <li key={`${index}-${step.family}`}>
          <StepCard
            step={step}
            number={index + 1}
            look={lookOf(step, index === next, chain.isRunning)}
            isShown={index === shown}
            catalogue={catalogue}
            onChoose={() => onChoose(index)}
            onKeyDown={(event) => moveByKey(event, index)}
          />
        </li>
      ))}
      <li>
        <AddStep chain={chain} catalogue={catalogue} stepFor={stepFor} onChoose={onChoose} />
      </li>
    </ol>
  );
}

interface StepCardProps {
  step: ChainStep;
  number: number;
  look: StepLook;
  isShown: boolean;
  catalogue: FamilyInfo[];
  onChoose: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function StepCard({ step, number, look, isShown, catalogue, onChoose, onKeyDown }: StepCardProps) {
  const found = findWorkflow(catalogue, step.workflow_id);
  const title = found?.family.title ?? step.workflow_id;
  const isOpen = look === 'busy' && step.task_id !== undefined;
  return (
    <button
      type="button"
      className="step-card"
      data-look={look}
      aria-pressed={isShown}
      aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
      onClick={onChoose}
      onKeyDown={onKeyDown}
    >
      {isOpen ? (
        <OpenStep task_id={step.task_id!} family={step.family} />
      ) : (
        <>
          <StepPicture step={step} makes={found?.family.makes} />
          <span className="step-state" data-look={look}>
            {LOOKS[look]}
          </span>
        </>
      )}
      <span className="step-title">
        {number}. {title}
      </span>
      <span className="step-model">{found ? modelOf(found.workflow) : 'not on this network'}</span>
    </button>
  );
}

/** A graph whose title names no model has none to choose. */
const modelOf = (workflow: WorkflowInfo) => (modelName(workflow) === workflow.title ? '\u00a0' : modelName(workflow));

const LOOKS: Record<StepLook, string> = {
  finished: 'finished',
  failed: 'did not finish',
  incomplete: 'waits for you',
  busy: 'sending …',
  old: 'runs again',
  idle: 'not run yet',
};

function StepPicture({ step, makes }: { step: ChainStep; makes: FamilyInfo['makes'] | undefined }) {
  const Icon = iconOf(step.family);
  const task_id = shownTask(step);
  return (
    <span className="step-picture" data-old={step.end?.status !== 'finished' || undefined}>
      {task_id && makes === 'image' ? (
        <img src={addressOf({ task_id, output: 0 })} alt="" />
      ) : (
        <Icon size={32} stroke={1.4} />
      )}
    </span>
  );
}

/** A step in flight: its preview and how far it is. */
function OpenStep({ task_id, family }: { task_id: string; family: string }) {
  const { state, error } = useTask(task_id);
  const Icon = iconOf(family);
  const { progress } = state ?? {};
  return (
    <>
      <span className="step-picture">
        {progress?.preview ? <img src={progress.preview} alt="" /> : <Icon size={32} stroke={1.4} />}
        <progress className="bar" max={100} value={progress?.percent ?? 0} aria-hidden />
      </span>
      <span className="step-state" data-look="busy">
        {error === undefined ? placeOf(state) : 'no connection'}
      </span>
    </>
  );
}

/** `42% · KSampler`, `2 tasks ahead`. */
const placeOf = (state: TaskState | undefined) =>
  state ? progressText(state, 0).split(' · ').slice(0, -1).join(' · ') : 'sent';

function AddStep({ chain, catalogue, stepFor, onChoose }: Omit<ChainStepsProps, 'shown' | 'moves'>) {
  const isFirst = !chain.steps.length;
  const fitting = catalogue.filter(({ workflows }) => isFirst || inputOption(workflows[0]!) !== undefined);
  const add = (name: string) => {
    const [step] = stepFor(name);
    if (!step) return;
    chainStore.save(withAdded(chain, step));
    onChoose(chain.steps.length);
  };
  return (
    <Menu
      label="Add a step"
      className="step-add"
      groups={[
        fitting.map(({ name, title }) => ({
          label: title,
          Icon: iconOf(name),
          reason: chain.isRunning
            ? 'The chain is running.'
            : reasonAgainstOrder([...chain.steps, ...stepFor(name)], catalogue),
          onSelect: () => add(name),
        })),
      ]}
    >
      <IconPlus size={20} />
      Add a step
    </Menu>
  );
}
