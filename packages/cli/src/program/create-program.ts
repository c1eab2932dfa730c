import type { WorkflowDefinition } from '@heurist/core/definition';
import { hideCredentialsIn } from '@heurist/server-kit/url-credentials';
import { Command, Help } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { respell, spell } from '../system/spelling.ts';
import type { GraphChoice } from '../workflows/choose-graph.ts';
import { addAuditCommand } from './audit-command.ts';
import { addDevCommand } from './dev-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addKeysCommands } from './keys-command.ts';
import { addMinerCommands } from './miner-command.ts';
import { readSwitches } from './options.ts';
import type { ProgramOptions } from './program-options.ts';
import { addRunCommand } from './run-command.ts';
import { addSequencerCommand } from './sequencer-command.ts';
import { addStatusCommand } from './status-command.ts';
import { addWorkflowCommands } from './workflow-command.ts';
import { addWorkflowsCommand } from './workflows-command.ts';

const plain = new Help();
/** Help that can be copied: commands are spelled as they work where this one was started. */
const spelledHelp: Partial<Help> = {
  showGlobalOptions: true,
  commandUsage: (command) => spell(plain.commandUsage(command).replace(/^heurist /, '')),
  optionDescription: (option) => respell(plain.optionDescription(option)),
  argumentDescription: (argument) => respell(plain.argumentDescription(argument)),
};

/**
 * The `heurist` command. Loads each subcommand when it is called: `run` does not wait for a database to load.
 *
 * @param workflows - the workflows it knows: its own, and those of `--workflow`
 * @param choice - the graph whose flags `run` of its family has. Default: the first of each family
 */
export function createProgram(
  workflows: readonly WorkflowDefinition[],
  options: ProgramOptions = {},
  choice?: GraphChoice,
): Command {
  const program = new Command('heurist')
    .description('Run ComfyUI workflows, and the network that they run on')
    .version(options.version ?? packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .configureHelp(spelledHelp)
    .helpCommand(false)
    // taken out of the arguments before they come here, since it changes which commands exist
    .option('--workflow <package>', 'load workflows from a package (name or path); repeatable')
    .configureOutput({ outputError: (text, write) => write(withoutCredentials(text)) })
    .showHelpAfterError('(--help lists commands and options)')
    .hook('preAction', (_, command) => readSwitches(command));
  addDevCommand(program, workflows, options);
  addRunCommand(program, workflows, options, choice);
  addSequencerCommand(program, workflows);
  addMinerCommands(program, workflows);
  addStatusCommand(program);
  addDoctorCommand(program, workflows);
  addKeysCommands(program);
  addAuditCommand(program);
  addWorkflowCommands(program, workflows, options);
  addWorkflowsCommand(program, workflows);
  addHelpCommand(program);
  return program;
}

/** What was given is quoted in errors: an address may hold a password, also where it is not a valid one. */
const withoutCredentials = (text: string) => hideCredentialsIn(text.replaceAll(/'[^'\n]*@(?=[^'\n]*')/g, "'"));

/** `heurist help keys create`. Commander's own says nothing of a name that it does not know. */
function addHelpCommand(program: Command): void {
  program
    .command('help')
    .argument('[command...]')
    .description('show help for a command')
    .action((names: string[]) => {
      const target = names.reduce((parent, name) => findCommand(parent, name), program);
      target.help();
    });
}

function findCommand(parent: Command, name: string): Command {
  return parent.commands.find((command) => command.name() === name) ?? parent.error(`error: unknown command '${name}'`);
}
