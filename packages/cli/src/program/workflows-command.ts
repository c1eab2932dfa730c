import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { families } from '../workflows/workflows.ts';

/** Adds `heurist workflows`. */
export function addWorkflowsCommand(program: Command, workflows: readonly WorkflowDefinition[]): void {
  program
    .command('workflows')
    .description('list the workflows by package, with the ids of their graphs (--workflow-id)')
    .option('--json', 'print JSON')
    .action(({ json }) => {
      const rows = workflows.map(({ workflow_id, task_type, title }) => ({ workflow_id, task_type, title }));
      process.stdout.write(`${json ? JSON.stringify(rows) : listText(workflows)}\n`);
    });
}

/** By package, each with the ids of its graphs. */
function listText(workflows: readonly WorkflowDefinition[]): string {
  const ours = families.flatMap(({ name, title, definitions, defaultId }) => {
    const graphs = definitions.filter(({ workflow_id }) => definitions.length > 1 || workflow_id !== name);
    const isFirst = ({ workflow_id }: WorkflowDefinition) => workflow_id === defaultId && graphs.length > 1;
    return [
      `${name.padEnd(24)} ${title}`,
      ...graphs.map(
        (graph) => `  ${graph.workflow_id.padEnd(22)} ${graph.title}${isFirst(graph) ? ' (first choice)' : ''}`,
      ),
    ];
  });
  const others = workflows.filter((workflow) => !families.some(({ definitions }) => definitions.includes(workflow)));
  return [...ours, ...others.map(({ workflow_id, title }) => `${workflow_id.padEnd(24)} ${title}`)].join('\n');
}
