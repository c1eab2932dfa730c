import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, Option } from 'commander';
import type { GraphChoice } from '../workflows/choose-graph.ts';
import { foreignFlag, foreignFlags } from '../workflows/foreign-flags.ts';
import { suggest } from '../workflows/name-graph.ts';
import { type Runnable, runnables } from '../workflows/runnables.ts';
import { allowInsecureHttp, MAX_SECONDS, wholeNumber } from './options.ts';
import { parameterOptions } from './parameter-options.ts';
import type { ProgramOptions } from './program-options.ts';

/** Adds `heurist run`, with a subcommand for each workflow and each family. */
export function addRunCommand(
  program: Command,
  workflows: readonly WorkflowDefinition[],
  options: ProgramOptions,
  choice?: GraphChoice,
): void {
  const all = runnables(workflows, choice);
  const run = program
    .command('run')
    .description(
      'run a workflow and save the result (reads HEURIST_WORKFLOW_URL and HEURIST_API_KEY, or .env; --local needs neither)',
    )
    .argument('[workflow]')
    .allowExcessArguments()
    .allowUnknownOption()
    .action((name?: string) => {
      const shown = all.filter(({ isHidden }) => !isHidden).map((runnable) => runnable.name);
      const hint = suggest(
        name ?? '',
        all.map((runnable) => runnable.name),
      );
      const unknown = name?.startsWith('-')
        ? `the workflow comes before its options (got "${name}").`
        : `unknown workflow "${name}".${hint}`;
      const problem = name ? unknown : 'no workflow given.';
      run.error(`error: ${problem} Use one of: ${shown.join(', ')}.`);
    });
  for (const runnable of all) addRunnable(run, runnable, options);
}

function addRunnable(parent: Command, runnable: Runnable, { startLocalNetwork }: ProgramOptions): void {
  const command = parent.command(runnable.name, { hidden: runnable.isHidden ?? false }).description(runnable.title);
  for (const option of parameterOptions(runnable.definition)) command.addOption(option);
  for (const option of foreignOptions(runnable)) command.addOption(option);
  // taken out of the arguments before they come here: the graph has a command with its own flags
  if (runnable.graphs)
    command.option('--workflow-id <id>', `graph to run: ${runnable.graphs.join(', ')} (its flags: add --help)`);
  if (runnable.note) command.addHelpText('after', `\n${runnable.note}`);
  command
    // the words of a prompt without quotes would be lost
    .allowExcessArguments(false)
    .showHelpAfterError('(a text with spaces needs quotes; --help lists commands and options)')
    .option('--out <folder>', 'folder to save results in', '.')
    .option('--timeout <seconds>', 'seconds to wait for the result', wholeNumber(1, MAX_SECONDS), 300)
    .option('--local', 'run on this machine, without a network (needs @heurist/dev)')
    .addOption(allowInsecureHttp())
    .action(async ({ workflowId, out, timeout, local, allowInsecureHttp, ...parameters }) => {
      const { run } = await import('../commands/run.ts');
      await run(runnable, parameters, { out, timeout, local, allowInsecureHttp }, startLocalNetwork);
    });
}

/** Flags that only other graphs of the family have: each says which. */
function foreignOptions({ definition, namesGraph }: Runnable): Option[] {
  const { family, names } = foreignFlags(definition) ?? { names: [] };
  const more = namesGraph ? ` instead of ${definition.workflow_id}` : '';
  return names.map((name) =>
    new Option(`--${name} <value>`).hideHelp().argParser(() => {
      throw foreignFlag(family!, name, more);
    }),
  );
}
