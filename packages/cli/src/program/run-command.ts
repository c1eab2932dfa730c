import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { type Runnable, runnables } from '../workflows/runnables.ts';
import { allowInsecureHttp, MAX_SECONDS, wholeNumber } from './options.ts';
import { parameterOptions } from './parameter-options.ts';
import type { ProgramOptions } from './program-options.ts';

/** Adds `heurist run`, with a subcommand for each workflow and each family. */
export function addRunCommand(
  program: Command,
  workflows: readonly WorkflowDefinition[],
  options: ProgramOptions,
): void {
  const run = program
    .command('run')
    .description(
      'run a workflow and save the result (reads HEURIST_WORKFLOW_URL and HEURIST_API_KEY, or .env; --local needs neither)',
    )
    .argument('[workflow]')
    .allowExcessArguments()
    .allowUnknownOption()
    .action((name?: string) => {
      const known = workflows.map(({ workflow_id }) => workflow_id).join(', ');
      run.error(`error: ${name ? `unknown workflow "${name}"` : 'no workflow given'}. Use one of: ${known}.`);
    });
  for (const runnable of runnables(workflows)) addRunnable(run, runnable, options);
}

function addRunnable(parent: Command, runnable: Runnable, { startLocalNetwork }: ProgramOptions): void {
  const command = parent.command(runnable.name).description(runnable.title);
  for (const option of parameterOptions(runnable.definition)) command.addOption(option);
  command
    .option('--out <folder>', 'folder to save results in', '.')
    .option('--timeout <seconds>', 'seconds to wait for the result', wholeNumber(1, MAX_SECONDS), 300)
    .option('--local', 'run on this machine, without a network (needs @heurist/dev)')
    .addOption(allowInsecureHttp())
    .action(async ({ out, timeout, local, allowInsecureHttp, ...parameters }) => {
      const { run } = await import('../commands/run.ts');
      await run(runnable, parameters, { out, timeout, local, allowInsecureHttp }, startLocalNetwork);
    });
}
