import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useTask } from '../data/tasks.ts';
import { useTitle } from '../lib/use-title.ts';
import { TaskView } from '../stage/task-view.tsx';
import { knownRecipe } from '../task/known-recipe.ts';
import { TaskFacts } from '../task/task-facts.tsx';
import { TaskProgram } from '../task/task-program.tsx';
import { titleOf } from '../task/task-title.ts';

/** One task: its result, what it was made from, and the program for it. Also for tasks of others, by link. */
export default function TaskPage({ catalogue, task_id }: { catalogue: FamilyInfo[]; task_id: string }) {
  const { state, isGone } = useTask(task_id);
  const { recipe, found } = state ? knownRecipe(state, catalogue) : {};
  useTitle(isGone ? 'Task not found' : recipe ? titleOf(recipe, found?.family.title) : 'Task');
  if (isGone) return <TaskNotFound task_id={task_id} />;
  return (
    <div className="task-page">
      <TaskView task_id={task_id} catalogue={catalogue} heading={(title) => <h1>{title}</h1>} />
      <div className="task-side stack">
        {state && <TaskFacts state={state} recipe={recipe} workflow={found?.workflow} />}
        {state?.status === 'finished' && <TaskProgram state={state} catalogue={catalogue} />}
      </div>
    </div>
  );
}

function TaskNotFound({ task_id }: { task_id: string }) {
  return (
    <div className="page stack">
      <h1>Task not found</h1>
      <p className="breaks">
        The network has no task {task_id}. It was removed, or it belongs to another network.{' '}
        <Link to="/gallery">Go to what you made</Link>.
      </p>
    </div>
  );
}
