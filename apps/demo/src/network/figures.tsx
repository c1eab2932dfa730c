import type { WorkflowStatus } from '@heurist/core';

/** Totals of all workflows; without numbers until they are known. */
export function Figures({ workflows }: { workflows: readonly WorkflowStatus[] | undefined }) {
  const sum = (name: 'waiting' | 'running' | 'finished' | 'failed') =>
    workflows?.reduce((total, workflow) => total + workflow[name], 0) ?? '–';
  const figures = {
    Waiting: sum('waiting'),
    Running: sum('running'),
    'Finished in the last hour': sum('finished'),
    'Failed in the last hour': sum('failed'),
  };
  return (
    <dl className="figures">
      {Object.entries(figures).map(([name, count]) => (
        <div key={name} className="panel">
          <dt className="muted small">{name}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}
