import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import { addressOf } from '../lib/file-value.ts';
import { modelName } from '../lib/model-name.ts';
import type { Size } from '../lib/picture-size.ts';
import { type FoundWorkflow, findWorkflow } from '../lib/recipe.ts';
import { OptionFields } from '../make/option-fields.tsx';
import { CompareSlider } from '../stage/compare-slider.tsx';
import { PictureFrame } from '../stage/picture-frame.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { type Chain, inputOf, inputOption, nextStep, reset, withOption, withoutStep, withStep } from './chain.ts';
import { shownTask } from './chain-state.ts';
import { chainStore } from './chains.ts';
import type { StepMoves } from './use-move.ts';

interface StepPanelProps {
  chain: Chain;
  index: number;
  catalogue: FamilyInfo[];
  moves: StepMoves;
}

/** One step: what it made, large, and its options. */
export function StepPanel({ chain, index, catalogue, moves }: StepPanelProps) {
  const step = chain.steps[index]!;
  const found = findWorkflow(catalogue, step.workflow_id);
  const title = found?.family.title ?? step.workflow_id;
  const made = shownTask(step);
  const isRunning = chain.isRunning && nextStep(chain) === index;
  return (
    <section
      className="step-panel"
      aria-label={`Step ${index + 1}: ${title}`}
      data-alone={(!made && !isRunning) || undefined}
    >
      {(made || isRunning) && <StepCanvas chain={chain} index={index} made={made} makes={found?.family.makes} />}
      <div className="step-options stack">
        <div className="row spread">
          <h2>
            {index + 1}. {title}
          </h2>
          {made && <Link to={`/tasks/${made}`}>Open the result</Link>}
        </div>
        {found && (
          <fieldset className="stack" disabled={chain.isRunning}>
            <legend className="hidden">
              Options of step {index + 1}, {title}
            </legend>
            <StepOptions key={index} chain={chain} index={index} {...found} />
          </fieldset>
        )}
        <StepPlace chain={chain} index={index} moves={moves} />
      </div>
    </section>
  );
}

/** Where it stands in the chain. A button that was pressed keeps the focus: it moves the step on. */
function StepPlace({ chain, index, moves }: Omit<StepPanelProps, 'catalogue'>) {
  return (
    <div className="row">
      {([-1, 1] as const).map((by) => {
        const reason = moves.reasonAgainst(index, index + by);
        return (
          <Button
            key={by}
            size="compact"
            aria-disabled={reason !== undefined}
            title={reason}
            onClick={() => moves.move(index, index + by)}
          >
            {by < 0 ? 'Move earlier' : 'Move later'}
          </Button>
        );
      })}
      <Button
        look="quiet"
        size="compact"
        disabled={chain.isRunning}
        onClick={() => chainStore.save(withoutStep(chain, index))}
      >
        Remove this step
      </Button>
      <span role="status" className="muted small">
        {moves.saidOf(index)}
      </span>
    </div>
  );
}

interface StepCanvasProps {
  chain: Chain;
  index: number;
  made: string | undefined;
  makes: FamilyInfo['makes'] | undefined;
}

function StepCanvas({ chain, index, made, makes }: StepCanvasProps) {
  return (
    <div className="canvas">
      {!made && <div className="waiting" data-running aria-hidden />}
      {made && makes !== 'image' && <p className="muted">This step makes no picture: open its result.</p>}
      {made && makes === 'image' && (
        <StepResult key={made} task_id={made} before={inputOf(chain, index)} alt={`What step ${index + 1} made`} />
      )}
    </div>
  );
}

interface StepResultProps {
  task_id: string;
  before: Parameters<typeof addressOf>[0] | undefined;
  alt: string;
}

function StepResult({ task_id, before, alt }: StepResultProps) {
  const [size, setSize] = useState<Size>();
  return (
    <PictureFrame size={size}>
      <img
        src={addressOf({ task_id, output: 0 })}
        alt={alt}
        onLoad={({ currentTarget }) =>
          setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
      />
      {before && <CompareSlider before={addressOf(before)} />}
    </PictureFrame>
  );
}

function StepOptions({ chain, index, family, workflow }: { chain: Chain; index: number } & FoundWorkflow) {
  const id = useId();
  const { options } = chain.steps[index]!;
  const input = index > 0 ? inputOption(workflow) : undefined;
  const image = inputOf(chain, index);
  const shown: TaskOptions = { ...options, ...(input && image && { [input]: image }) };
  return (
    <>
      {input && <p className="muted small">Its picture comes from step {index}.</p>}
      {family.workflows.length > 1 && (
        <Field id={id} label="Model">
          <select
            id={id}
            className="input"
            value={workflow.workflow_id}
            onChange={({ currentTarget: { value } }) =>
              chainStore.save(withStep(reset(chain, index), index, (step) => ({ ...step, workflow_id: value })))
            }
          >
            {family.workflows.map((one) => (
              <option key={one.workflow_id} value={one.workflow_id}>
                {modelName(one)}
              </option>
            ))}
          </select>
        </Field>
      )}
      <OptionFields
        workflow={withoutInput(workflow, input)}
        options={shown}
        errors={{}}
        onChange={(name, value) => chainStore.save(withOption(chain, index, name, value))}
      />
    </>
  );
}

/** The chain gives the picture, and a prompt: a step can have its own, but need not. */
function withoutInput(workflow: WorkflowInfo, input: string | undefined): WorkflowInfo {
  const { [input ?? '']: _, ...options } = workflow.options;
  return { ...workflow, options, required: workflow.required.filter((name) => name !== input && name !== 'prompt') };
}
