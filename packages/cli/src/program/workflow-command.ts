import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { httpUrl, list, text } from './options.ts';
import type { ProgramOptions } from './program-options.ts';

const requiredUrl = (given: string) => httpUrl(text(given));

/** Adds `heurist workflow create` and `workflow check`. */
export function addWorkflowCommands(
  program: Command,
  workflows: readonly WorkflowDefinition[],
  { startLocalNetwork, terminal }: ProgramOptions,
): void {
  const workflow = program.command('workflow').description('create and check workflows of your own');
  workflow
    .command('create')
    .description(
      'create a typed package from a graph: a file of the ComfyUI editor, an API export, or what ComfyUI saved',
    )
    .argument('<file>', 'the graph')
    .option('--name <name>', 'name of the package and the workflow, such as my-flow; in a terminal, it is asked for')
    .option('--out <folder>', 'folder to create (default: the name)')
    .option(
      '--comfyui <url>',
      'a ComfyUI that knows the nodes: custom nodes are read by what it says of them',
      requiredUrl,
    )
    .option(
      '--output <node>',
      'node whose output is the result (default: those that save); repeatable, or comma-separated',
      list,
    )
    .option('--drop <option>', 'found option to keep fixed; repeatable, or comma-separated', list)
    .option('--rename <old=new>', 'found option under another name; repeatable, or comma-separated', list)
    .option('--add <node.input>', 'input to make an option, or name=node.input; repeatable, or comma-separated', list)
    .option('--json', 'print what would be options and what stays fixed, and write nothing')
    .option('-y, --yes', 'ask nothing')
    .action(async (file: string, options) =>
      (await import('../commands/workflow-create.ts')).workflowCreate(file, options, {
        known: workflows,
        startLocalNetwork,
        terminal,
      }),
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
