import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { suggest } from '../workflows/name-graph.ts';
import { type Runnable, runnables } from '../workflows/runnables.ts';
import { families } from '../workflows/workflows.ts';
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
      const all = runnables(workflows);
      const shown = all.filter(({ isHidden }) => !isHidden).map((runnable) => runnable.name);
      const hint = suggest(
        name ?? '',
        all.map((runnable) => runnable.name),
      );
      const problem = name ? `unknown workflow "${name}".${hint}` : 'no workflow given.';
      run.error(`error: ${problem} Use one of: ${shown.join(', ')}.`);
    });
  for (const runnable of runnables(workflows)) addRunnable(run, runnable, options);
}

function addRunnable(parent: Command, runnable: Runnable, { startLocalNetwork }: ProgramOptions): void {
  const command = parent.command(runnable.name, { hidden: runnable.isHidden ?? false }).description(runnable.title);
  for (const option of parameterOptions(runnable.definition)) command.addOption(option);
  // taken out of the arguments before they come here: the graph has a command with its own flags
  for (const option of foreignOptions(runnable)) command.addOption(option);
  if (runnable.graphs)
    command.option('--workflow-id <id>', `graph to run: ${runnable.graphs.join(', ')} (its flags: add --help)`);
  command
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
function foreignOptions({ name, definition, graphs = [] }: Runnable): Option[] {
  const family = families.find((known) => known.name === name)?.definitions ?? [];
  const others = family.filter(({ workflow_id }) => graphs.includes(workflow_id));
  const owners = new Map<string, string[]>();
  for (const { workflow_id, bindings } of others)
    for (const parameter of Object.keys(bindings))
      if (!definition.bindings[parameter]) owners.set(parameter, [...(owners.get(parameter) ?? []), workflow_id]);
  return [...owners].map(([parameter, ids]) =>
    new Option(`--${parameter} <value>`).hideHelp().argParser(() => {
      throw new InvalidArgumentError(
        `${definition.workflow_id} has no such option. These have: ${ids.join(', ')}. Add --workflow-id ${ids[0]}.`,
      );
    }),
  );
}
