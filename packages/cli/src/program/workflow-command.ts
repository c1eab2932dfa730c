import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { httpUrl, text } from './options.ts';

const requiredUrl = (given: string) => httpUrl(text(given));

/** Adds `heurist workflow create` and `workflow check`. */
export function addWorkflowCommands(program: Command, workflows: readonly WorkflowDefinition[]): void {
  const workflow = program.command('workflow').description('create and check workflows of your own');
  workflow
    .command('create')
    .description(
      'create a typed package from a graph: a file of the ComfyUI editor, an API export, or what ComfyUI saved',
    )
    .argument('<file>', 'the graph')
    .requiredOption('--name <name>', 'name of the package and the workflow, such as my-flow')
    .option('--out <folder>', 'folder to create (default: the name)')
    .option('--comfyui <url>', 'a ComfyUI that has the custom nodes of an editor file', requiredUrl)
    .action(async (file: string, options) =>
      (await import('../commands/workflow-create.ts')).workflowCreate(file, options, workflows),
    );
  workflow
    .command('check')
    .description('list what is wrong, missing or deprecated in a graph for a ComfyUI')
    .argument('<file>', 'the graph')
    .requiredOption('--comfyui <url>', 'address of the ComfyUI', requiredUrl)
    .action(async (file: string, options) =>
      (await import('../commands/workflow-check.ts')).workflowCheck(file, options, workflows),
    );
}
