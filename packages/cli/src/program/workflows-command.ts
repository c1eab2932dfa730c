import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';

/** Adds `heurist workflows`. */
export function addWorkflowsCommand(program: Command, workflows: readonly WorkflowDefinition[]): void {
  program
    .command('workflows')
    .description('list the workflows')
    .option('--json', 'print JSON')
    .action(({ json }) => {
      const rows = workflows.map(({ workflow_id, task_type, title }) => ({ workflow_id, task_type, title }));
      const lines = rows.map((row) => `${row.workflow_id.padEnd(20)} ${row.task_type.padEnd(12)} ${row.title}`);
      process.stdout.write(`${json ? JSON.stringify(rows) : lines.join('\n')}\n`);
    });
}
