import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { FileValue, TaskState, WorkflowInfo } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import type { Recipe } from '../lib/recipe.ts';
import { duration, labelOf, size } from '../lib/words.ts';

type Fact = [name: string, value: ReactNode];

interface TaskFactsProps {
  state: TaskState;
  recipe: Recipe | undefined;
  workflow: WorkflowInfo | undefined;
}

/** What a task was made from, and how long it took. */
export function TaskFacts({ state, recipe, workflow }: TaskFactsProps) {
  const facts: Fact[] = [
    ['Model', recipe?.workflow_id ?? state.workflow_id ?? ''],
    ...optionFacts(recipe, workflow),
    ...resultFacts(state),
  ];
  return (
    <section aria-label="Details" className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <h2>Details</h2>
      <dl className="facts">
        {facts.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function optionFacts(recipe: Recipe | undefined, workflow: WorkflowInfo | undefined): Fact[] {
  return Object.entries(recipe?.options ?? {}).map(([name, value]) => [
    labelOf(workflow?.files[name] ?? name),
    isFile(value) ? <Source value={value} /> : value,
  ]);
}

function resultFacts({ models = {}, outputs = [], timings = {} }: TaskState): Fact[] {
  const facts: Fact[] = [];
  for (const [requested, used] of Object.entries(models))
    facts.push(['Model file', `${used} (requested: ${requested})`]);
  for (const { width, height, bytes } of outputs)
    facts.push(['File', `${width && height ? `${width} x ${height} px, ` : ''}${size(bytes)}`]);
  if (timings.run_ms !== undefined) facts.push(['Run time', duration(timings.run_ms)]);
  if (timings.load_ms) facts.push(['Of that, loading models', duration(timings.load_ms)]);
  if (timings.queued_ms !== undefined) facts.push(['Time in queue', duration(timings.queued_ms)]);
  return facts;
}

function Source({ value }: { value: FileValue }) {
  if ('url' in value) return value.name;
  return <Link to={`/tasks/${value.task_id}`}>output of an earlier task</Link>;
}
