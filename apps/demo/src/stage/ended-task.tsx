import { IconArrowsDiff } from '@tabler/icons-react';
import { useState } from 'react';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { useKey } from '../keys/use-key.ts';
import { addressOf, fileOption, isFile } from '../lib/file-value.ts';
import { findWorkflow, type Recipe } from '../lib/recipe.ts';
import { summaryOf } from '../task/task-title.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { OutputView } from './output-view.tsx';
import { ResultBar } from './result-bar.tsx';

interface EndedTaskProps {
  state: TaskState;
  recipe: Recipe | undefined;
  catalogue: FamilyInfo[];
  title: string;
}

/** What a task has made, what it was made from, and what can be done with it. */
export function EndedTask({ state, recipe, catalogue, title }: EndedTaskProps) {
  const [output, setOutput] = useState(0);
  const [isComparing, setComparing] = useState(true);
  const before = sourceOf(recipe, catalogue);
  const { outputs = [] } = state;
  const made = outputs[output];
  const canCompare = before !== undefined && made?.kind === 'image';
  useKey('compare', canCompare ? () => setComparing(!isComparing) : undefined);
  return (
    <>
      <div className="canvas">
        {made ? (
          <OutputView
            output={made}
            value={{ task_id: state.task_id, output, width: made.width, height: made.height }}
            alt={title}
            before={canCompare && isComparing ? before : undefined}
          />
        ) : (
          <NoOutput state={state} />
        )}
      </div>
      <div className="stage-foot stack" style={{ '--gap': 'var(--space-2)' }}>
        {outputs.length > 1 && <OutputChoice outputs={outputs} chosen={output} onChoose={setOutput} />}
        <p className="muted small breaks">{factsOf(state, recipe, output)}</p>
        <div className="row spread">
          <ResultBar state={state} recipe={recipe} catalogue={catalogue} output={output} />
          {canCompare && (
            <Button aria-pressed={isComparing} onClick={() => setComparing(!isComparing)}>
              <IconArrowsDiff size={16} />
              Compare
            </Button>
          )}
        </div>
        {state.warning && <Notice tone="warn">{state.warning}</Notice>}
      </div>
    </>
  );
}

function NoOutput({ state: { status, error } }: { state: TaskState }) {
  if (status === 'canceled') return <p className="muted">This task was canceled. Nothing was made.</p>;
  if (status === 'finished') return <p className="muted">This task finished without an output.</p>;
  return (
    <Notice tone="bad" title="Task failed">
      {error?.message ?? 'The network gave no reason.'}
      {error?.is_retryable && ' Trying again may help.'}
    </Notice>
  );
}

interface OutputChoiceProps {
  outputs: NonNullable<TaskState['outputs']>;
  chosen: number;
  onChoose: (index: number) => void;
}

function OutputChoice({ outputs, chosen, onChoose }: OutputChoiceProps) {
  return (
    <fieldset className="row">
      <legend className="hidden">Outputs</legend>
      {outputs.map(({ url, kind }, index) => (
        <button
          key={url}
          type="button"
          className="thumb"
          aria-label={`Output ${index + 1}`}
          aria-pressed={index === chosen}
          onClick={() => onChoose(index)}
        >
          {kind === 'image' ? <img src={url} alt="" loading="lazy" /> : <span aria-hidden>{index + 1}</span>}
        </button>
      ))}
    </fieldset>
  );
}

/** Address of the picture that a task began with. */
function sourceOf(recipe: Recipe | undefined, catalogue: FamilyInfo[]): string | undefined {
  const workflow = findWorkflow(catalogue, recipe?.workflow_id)?.workflow;
  const option = workflow && fileOption(workflow, 'image');
  const source = option ? recipe?.options[option] : undefined;
  return isFile(source) ? addressOf(source) : undefined;
}

function factsOf({ outputs }: TaskState, recipe: Recipe | undefined, output: number): string {
  const { width, height } = outputs?.[output] ?? {};
  return [width && height && `${width} x ${height} px`, recipe && summaryOf(recipe)].filter(Boolean).join(' · ');
}
