import { type ReactNode, useState } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { useTask } from '../data/tasks.ts';
import { knownRecipe } from '../task/known-recipe.ts';
import { StatusBadge } from '../task/status-badge.tsx';
import { titleOf } from '../task/task-title.ts';
import { hasEnded } from '../task-hooks/index.ts';
import { Button } from '../ui/button.tsx';
import { EndedTask } from './ended-task.tsx';
import { InProgress } from './in-progress.tsx';

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
        <div className="stage-title" dir="auto">
          {heading(title)}
        </div>
        <StatusBadge status={isGone ? undefined : state?.status} />
      </header>
      {isGone && <GoneTask task_id={task_id} />}
      {!state && !isGone && <Room />}
      {state && !isGone && !hasEnded(state) && (
        <InProgress created_at={entry?.created_at ?? openedAt} state={state} isCutOff={error !== undefined} />
      )}
      {state && !isGone && hasEnded(state) && (
        <EndedTask state={state} recipe={recipe} catalogue={catalogue} title={title} />
      )}
    </article>
  );
}

/** What a task will be in. */
const Room = () => (
  <>
    <div className="canvas" />
    <div className="stage-foot" />
  </>
);

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
