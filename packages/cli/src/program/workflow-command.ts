import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { allowInsecureHttp, httpUrl, list, MAX_SECONDS, text, wholeNumber } from './options.ts';
import type { ProgramOptions } from './program-options.ts';

const requiredUrl = (given: string) => httpUrl(text(given));

/** Adds `heurist workflow create`, `workflow check` and `workflow test`. */
export function addWorkflowCommands(
  program: Command,
  workflows: readonly WorkflowDefinition[],
  options: ProgramOptions,
): void {
  const workflow = program.command('workflow').description('create, check and test workflows of your own');
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
    .option('--try', 'run the graph once first, on a local network (needs @heurist/dev) or on --comfyui; ask nothing')
    .option(
      '--try-input <option=path>',
      'file for --try, such as image=photo.png (default: an example); repeatable, or comma-separated',
      list,
    )
    .option('-y, --yes', 'ask nothing')
    .action(async (file: string, given) =>
      (await import('../commands/workflow-create.ts')).workflowCreate(file, given, {
        known: workflows,
        startLocalNetwork: options.startLocalNetwork,
        terminal: options.terminal,
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
  addTest(workflow, workflows, options);
}

function addTest(
  workflow: Command,
  workflows: readonly WorkflowDefinition[],
  { startLocalNetwork }: ProgramOptions,
): void {
  workflow
    .command('test')
    .description('run the tests of a package on a local network (needs @heurist/dev), and check what comes')
    .argument('[package]', 'folder of the package, or a file of tests (default: workflow-tests.json here)', '.')
    .option('--url <url>', 'run on this network, with the key in HEURIST_API_KEY', requiredUrl)
    .option('--comfyui <url>', 'run on this ComfyUI, with a miner beside the local network', requiredUrl)
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--output <folder>', 'folder for the outputs of failed tests', 'test-results')
    .option('--timeout <seconds>', 'seconds to wait for each result', wholeNumber(1, MAX_SECONDS), 300)
    .option('--update', 'store the pictures of "like" instead of comparing with them')
    .addOption(allowInsecureHttp())
    .action(async (target: string, given) =>
      (await import('../commands/workflow-test.ts')).workflowTest(target, given, workflows, startLocalNetwork),
    );
}
