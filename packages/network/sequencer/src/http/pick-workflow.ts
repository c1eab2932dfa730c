import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { findDefinition } from '@heurist/core/protocol';
import type { SequencerServices } from './services.ts';

/** What a submit says of its graph. */
interface Asked {
  task_type: string;
  workflow_id?: string | null | undefined;
}

type Services = Pick<SequencerServices, 'workflows' | 'miners' | 'neglected'>;

/**
 * The graph that a task runs: the one that it names, or the first that takes its parameters and that a connected miner runs.
 *
 * @throws {HeuristError} `unknown_workflow`
 */
export async function pickWorkflow(
  asked: Asked,
  parameters: Record<string, unknown>,
  services: Services,
): Promise<WorkflowDefinition> {
  const { task_type, workflow_id } = asked;
  const { workflows } = services;
  const served = workflow_id ? new Set<string>() : await findServed(services);
  const neglected = workflow_id ? served : await services.neglected.list();
  const attended = new Set([...served].filter((id) => !neglected.has(id)));
  const find = (ids: ReadonlySet<string>) =>
    findDefinition(workflows, task_type, workflow_id, parameters, (id) => ids.has(id));
  const best = find(attended);
  const definition = best && attended.has(best.workflow_id) ? best : find(served);
  if (definition?.task_type === task_type) return definition;
  const known = workflows.map((workflow) => `${workflow.workflow_id} (${workflow.task_type})`).join(', ') || 'none';
  const what = workflow_id ? `workflow ${workflow_id} of type ${task_type}` : `workflow of type ${task_type}`;
  throw new HeuristError(`There is no ${what} here. This network has these workflows: ${known}.`, {
    code: 'unknown_workflow',
  });
}

async function findServed({ miners }: Services): Promise<Set<string>> {
  return new Set((await miners.list()).flatMap(({ workflow_ids }) => workflow_ids));
}
