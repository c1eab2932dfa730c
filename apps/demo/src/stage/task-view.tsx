import { IconArrowsDiff } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { useTask } from '../data/tasks.ts';
import { useKey } from '../keys/use-key.ts';
import { addressOf, fileOption, isFile } from '../lib/file-value.ts';
import { findWorkflow, type Recipe } from '../lib/recipe.ts';
import { knownRecipe } from '../task/known-recipe.ts';
import { StatusBadge } from '../task/status-badge.tsx';
import { summaryOf, titleOf } from '../task/task-title.ts';
import { hasEnded } from '../task-hooks/index.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { InProgress } from './in-progress.tsx';
import { OutputView } from './output-view.tsx';
import { ResultBar } from './result-bar.tsx';

interface TaskViewProps {
  task_id: string;
  catalogue: FamilyInfo[];
  /** Around the title, such as a link. */
  heading: (title: string) => ReactNode;
}

/** A task, from submit to result, as large as there is room. */
export function TaskView({ task_id, catalogue, heading }: TaskViewProps) {
  const [openedAt] = useState(Date.now);
  const { state, error, isGone } = useTask(task_id);
  const entry = taskList.find(task_id);
  const { recipe, found } = state ? knownRecipe(state, catalogue) : { recipe: entry, found: undefined };
  const title = recipe ? titleOf(recipe, found?.family.title) : 'Task';
  return (
    <article className="stage" aria-label={title} data-task={task_id}>
      <header className="stage-head">
        <div className="stage-title">{heading(title)}</div>
        <StatusBadge status={isGone ? undefined : state?.status} />
      </header>
      {isGone && <GoneTask task_id={task_id} />}
      {!state && !isGone && <div className="canvas" />}
      {state && !isGone && !hasEnded(state) && (
        <InProgress created_at={entry?.created_at ?? openedAt} state={state} isCutOff={error !== undefined} />
      )}
      {state && !isGone && hasEnded(state) && (
        <EndedTask state={state} recipe={recipe} catalogue={catalogue} title={title} />
      )}
    </article>
  );
}

interface EndedTaskProps {
  state: TaskState;
  recipe: Recipe | undefined;
  catalogue: FamilyInfo[];
  title: string;
}

function EndedTask({ state, recipe, catalogue, title }: EndedTaskProps) {
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

function GoneTask({ task_id }: { task_id: string }) {
  return (
    <div className="canvas">
      <div className="stack" style={{ alignItems: 'center' }}>
        <p className="muted">This task is no longer on the network.</p>
        {taskList.find(task_id) && <Button onClick={() => taskList.remove(task_id)}>Remove</Button>}
      </div>
    </div>
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
