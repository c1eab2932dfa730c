import { useId } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import { useTask } from '../data/tasks.ts';
import { findWorkflow } from '../lib/recipe.ts';
import { OptionFields } from '../make/option-fields.tsx';
import { progressText } from '../task/progress-text.ts';
import { StatusBadge } from '../task/status-badge.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { type Chain, inputOf, inputOption, reset, withOption, withoutStep, withStep } from './chain.ts';
import { chainStore } from './chains.ts';

interface ChainStepItemProps {
  chain: Chain;
  index: number;
  catalogue: FamilyInfo[];
}

/** One step: what it does, with what, and what became of it. */
export function ChainStepItem({ chain, index, catalogue }: ChainStepItemProps) {
  const { workflow_id, task_id, end } = chain.steps[index]!;
  const found = findWorkflow(catalogue, workflow_id);
  const title = found?.family.title ?? workflow_id;
  return (
    <li className="chain-step stack">
      <div className="row spread">
        <h2>
          {index + 1}. {title}
        </h2>
        <div className="row">
          {end ? <StatusBadge status={end.status} /> : task_id && <OpenTask task_id={task_id} />}
          <Button
            look="quiet"
            size="compact"
            disabled={chain.isRunning}
            aria-label={`Remove step ${index + 1}: ${title}`}
            onClick={() => chainStore.save(withoutStep(chain, index))}
          >
            Remove
          </Button>
        </div>
      </div>
      {end?.status === 'finished' && task_id && (
        <Link to={`/tasks/${task_id}`} aria-label={`Open the result of step ${index + 1}: ${title}`}>
          {found?.family.makes === 'image' ? (
            <img className="chain-picture" src={`/api/tasks/${task_id}/outputs/0`} alt="" loading="lazy" />
          ) : (
            'Open the result'
          )}
        </Link>
      )}
      {found && (
        <fieldset className="chain-options stack" disabled={chain.isRunning}>
          <legend className="hidden">
            Options of step {index + 1}, {title}
          </legend>
          <StepOptions chain={chain} index={index} family={found.family} workflow={found.workflow} />
        </fieldset>
      )}
    </li>
  );
}

/** How far a task is that has not ended. */
function OpenTask({ task_id }: { task_id: string }) {
  const { state, error } = useTask(task_id);
  if (error !== undefined) return <span className="muted small">No connection</span>;
  return (
    <>
      <span className="muted small">{state?.progress && progressText(state, 0).split(' · ')[0]}</span>
      <StatusBadge status={state?.status} />
    </>
  );
}

interface StepOptionsProps {
  chain: Chain;
  index: number;
  family: FamilyInfo;
  workflow: WorkflowInfo;
}

function StepOptions({ chain, index, family, workflow }: StepOptionsProps) {
  const id = useId();
  const { options } = chain.steps[index]!;
  const input = index > 0 ? inputOption(workflow) : undefined;
  const image = inputOf(chain, index);
  const shown: TaskOptions = { ...options, ...(input && image && { [input]: image }) };
  return (
    <>
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
            {family.workflows.map(({ workflow_id, title }) => (
              <option key={workflow_id} value={workflow_id}>
                {title}
              </option>
            ))}
          </select>
        </Field>
      )}
      <details className="more">
        <summary>Options</summary>
        <div className="stack">
          <OptionFields
            workflow={withoutInput(workflow, input)}
            options={shown}
            errors={{}}
            onChange={(name, value) => chainStore.save(withOption(chain, index, name, value))}
          />
        </div>
      </details>
    </>
  );
}

/** The chain gives the picture, and a prompt: a step can have its own, but need not. */
function withoutInput(workflow: WorkflowInfo, input: string | undefined): WorkflowInfo {
  const { [input ?? '']: _, ...options } = workflow.options;
  return { ...workflow, options, required: workflow.required.filter((name) => name !== input && name !== 'prompt') };
}
