import type { FamilyInfo, WorkflowInfo } from '../../shared/api.ts';

/**
 * The graph of a form: the chosen one, else the first that the network can run, else the default.
 *
 * @param reasonAgainst - why the network cannot run a graph; `undefined` if it can
 */
export function chooseWorkflow(
  { workflows }: FamilyInfo,
  chosenId: string | undefined,
  reasonAgainst: (workflow_id: string) => string | undefined,
): WorkflowInfo {
  const chosen = workflows.find(({ workflow_id }) => workflow_id === chosenId);
  return chosen ?? workflows.find(({ workflow_id }) => !reasonAgainst(workflow_id)) ?? workflows[0]!;
}
