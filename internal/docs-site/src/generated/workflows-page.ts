import { table } from '@heurist/cli/options-table';
import type { WorkflowFamily } from '@heurist/core/definition';
import { recipes } from './pictures.ts';

/** The list of all families: `docs/workflows/README.md`. */
export function workflowsPage(families: readonly WorkflowFamily[]): string {
  const rows = families.map(({ name, title, cpuId, definitions }) => [
    `[${title}](${name}.md)`,
    recipes[name] ? `![](pictures/${name}.webp)` : '',
    definitions.map(({ workflow_id }) => `\`${workflow_id}\``).join(', '),
    cpuId ? `\`${cpuId}\`` : 'no',
  ]);
  return `# Workflows

Each family is a package with a typed task class. Its graphs take the same kind of options, from different models; the first is the
default. Graphs that run on a CPU are all that a local network without a GPU needs.

${table([['family', 'made on a CPU', 'graphs', 'without a GPU'], ...rows])}

A graph of your own becomes such a package with one command: \`npx @heurist/cli workflow create FILE --name my-flow\`.
`;
}
