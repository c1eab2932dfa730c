import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { allowInsecureHttp, httpUrl, MAX_SECONDS, text, wholeNumber } from './options.ts';
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
    .description('create a typed package from a graph: a file of the ComfyUI editor, an API export, or a PNG or WebP')
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
