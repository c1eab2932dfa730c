import type { WorkflowCheck } from '@heurist/miner';
import { textTable } from './text-table.ts';

/** Names in one cell. */
const MOST_NAMES = 2;
/** Characters of one name. */
const LONGEST_NAME = 40;

type Check = Pick<WorkflowCheck, 'workflow_id' | 'lacks'>;

/** What a ComfyUI cannot run, one line per workflow, and which node classes and model files each lacks. */
export function lacksTable(checks: readonly Check[]): string[] {
  const rows = checks.map(({ workflow_id, lacks: { nodes, models } }) => [
    workflow_id,
    someOf(nodes),
    // the folder says little, and the file much
    someOf(models.map((path) => path.split('/').at(-1)!)),
  ]);
  return textTable([['cannot run', 'missing nodes', 'missing models'], ...rows]);
}

function someOf(names: readonly string[]): string {
  const shown = names
    .slice(0, MOST_NAMES)
    .map((name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}` || '-';
}
