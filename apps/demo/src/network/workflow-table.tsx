import type { WorkflowStatus } from '@heurist/core';
import type { NetworkView } from '../../shared/api.ts';
import { duration } from '../lib/words.ts';
import { reasonAgainst } from './availability.ts';
import { describeModels } from './describe-models.ts';
import { Section } from './section.tsx';

const columns = [
  'Workflow',
  'Miners',
  'Waiting',
  'Running',
  'Finished',
  'Failed',
  'Average time',
  'Models in memory',
  'Unavailable because',
];

/** Every workflow of the network, and how busy it is. */
export function WorkflowTable({ network }: { network: NetworkView }) {
  return (
    <Section title="Workflows">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Workflows and how busy they are">
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {network.workflows.map((workflow) => (
              <WorkflowRow
                key={workflow.workflow_id}
                workflow={workflow}
                reason={reasonAgainst(network, workflow.workflow_id)}
              />
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}

function WorkflowRow({ workflow, reason }: { workflow: WorkflowStatus; reason: string | undefined }) {
  const { workflow_id, title, run_ms, models, miners, waiting, running, finished, failed } = workflow;
  return (
    <tr>
      <th scope="row">
        {title}
        <small>{workflow_id}</small>
      </th>
      {[miners, waiting, running, finished, failed].map((count, column) => (
        <td key={columns[column]}>{count}</td>
      ))}
      <td>{run_ms === undefined ? '' : duration(run_ms)}</td>
      <td>{models && describeModels(models)}</td>
      <td className="reason">{reason}</td>
    </tr>
  );
}
