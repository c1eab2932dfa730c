import type { WorkflowDefinition } from '@heurist/core/definition';
import { Argument, Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { logFormat, wholeNumber } from './common-options.ts';
import { familiesOf } from './families.ts';
import { addMinerCommands } from './miner-program.ts';
import { parameterOptions } from './parameter-options.ts';

/**
 * The `heurist` command. Each subcommand is loaded when it is called: `run` does not wait for a database to load.
 *
 * @param workflows - what it knows: its own workflows, and those of `--workflow`
 */
export function createProgram(workflows: readonly WorkflowDefinition[]): Command {
  const program = new Command('heurist')
    .description('Run ComfyUI workflows: the network, and tasks on it')
    .version(packageJson.version)
    // taken out of the arguments before they come here, since it changes what commands there are
    .option('--workflow <package>', 'also know the workflows of this package: its name or path; again for more')
    .showHelpAfterError('(--help lists what there is)');

  program
    .command('dev')
    .description('run the whole network on this machine: sequencer, miner and CPU engine')
    .option('--port <number>', 'port of the sequencer', wholeNumber, 8787)
    .option('--data-dir <folder>', 'where queue, files and keys are kept', '.heurist')
    .option('--json', 'print one line of JSON when ready, and no log')
    .action(async (options) => (await import('./commands/dev.ts')).dev(options, workflows));

  const runCommand = program
    .command('run')
    .description(
      'run a workflow and save what it makes (reads HEURIST_WORKFLOW_URL and HEURIST_API_KEY, also from .env; --local needs neither)',
    )
    .argument('[workflow]')
    .allowExcessArguments()
    .allowUnknownOption()
    .action((name?: string) => {
      const known = workflows.map(({ workflow_id }) => workflow_id).join(', ');
      runCommand.error(`error: ${name ? `unknown workflow "${name}"` : 'name a workflow'}. There is: ${known}.`);
    });
  for (const definition of workflows) addRun(runCommand, definition.workflow_id, definition);
  for (const { name, first, onCpu } of familiesOf(workflows))
    addRun(runCommand, name, first, onCpu).description(
      `${first.title.replace(/ \(.*/, '')}: the network picks the model`,
    );

  program
    .command('sequencer')
    .description('run a sequencer (every option can be set in the environment too: docs/environment.md)')
    .addOption(new Option('--port <number>', 'port').env('HEURIST_PORT').argParser(wholeNumber).default(8787))
    .addOption(new Option('--host <address>', 'address to listen on').env('HEURIST_HOST').default('127.0.0.1'))
    .addOption(
      new Option('--data-dir <folder>', 'where queue, files and first keys are kept')
        .env('HEURIST_DATA_DIR')
        .default('.heurist'),
    )
    .addOption(
      // not shown with its value: it may hold a password
      new Option(
        '--database <url>',
        'postgres:// address of a queue that several sequencers share; without one, it is in the data folder',
      ).env('DATABASE_URL'),
    )
    .addOption(
      new Option(
        '--artifacts <address>',
        'where files are kept: s3://bucket/prefix, or a folder; without one, in the data folder',
      ).env('HEURIST_ARTIFACTS'),
    )
    .addOption(
      new Option('--public-url <url>', 'address in links, if it differs from the one that callers use').env(
        'HEURIST_PUBLIC_URL',
      ),
    )
    .addOption(
      new Option('--lease-seconds <number>', "silence after which a miner's task is handed out again")
        .env('HEURIST_LEASE_SECONDS')
        .argParser(wholeNumber)
        .default(6),
    )
    .addOption(
      new Option('--retention-days <number>', 'when tasks that have ended and their files are deleted; 0: never')
        .env('HEURIST_RETENTION_DAYS')
        .argParser(wholeNumber)
        .default(30),
    )
    .addOption(logFormat())
    .option('--allow-legacy-miners', 'let reference miners in, which show no key')
    .option('--allow-raw-graphs', 'take tasks that bring a graph of their own, for miners that allow its nodes')
    .action(async (options) => (await import('./commands/sequencer.ts')).sequencer(options, workflows));

  addMinerCommands(program, workflows);

  program
    .command('status')
    .description('say what the network can do now (reads HEURIST_WORKFLOW_URL and HEURIST_API_KEY, also from .env)')
    .option('--json', 'as JSON')
    .option('--allow-insecure-http', 'show the key over plain http to another machine')
    .action(async (options) => (await import('./commands/status.ts')).status(options));

  const keys = program
    .command('keys')
    .description('make, list and revoke the keys of a sequencer')
    .option('--sequencer <url>', 'address of the sequencer', 'http://127.0.0.1:8787')
    .addOption(new Option('--key <key>', "operator's key (better: HEURIST_OPERATOR_KEY)").env('HEURIST_OPERATOR_KEY'))
    .option('--data-dir <folder>', "folder with the sequencer's first keys, where no key is given", '.heurist')
    .option('--allow-insecure-http', 'show the key over plain http to another machine');
  keys
    .command('create')
    .description('make a key; it is shown once')
    .addArgument(new Argument('<role>', 'what it is for').choices(['consumer', 'miner', 'operator']))
    .argument('<owner>', 'whose it is')
    .option('--max-open-tasks <number>', 'tasks of a consumer that wait or run at the same time', wholeNumber)
    .option('--max-tasks-per-minute <number>', 'submits of a consumer within a minute', wholeNumber)
    .action(async (role, owner, limits) =>
      (await import('./commands/keys.ts')).createKey({ role, owner, ...limits }, keys.opts()),
    );
  keys
    .command('list')
    .description('list the keys, without what is secret of them')
    .action(async () => (await import('./commands/keys.ts')).listKeys(keys.opts()));
  keys
    .command('revoke')
    .description('make a key useless')
    .argument('<key-id>', 'as `list` shows it')
    .action(async (id: string) => (await import('./commands/keys.ts')).revokeKey(id, keys.opts()));

  const workflow = program.command('workflow').description('make and check workflows of your own');
  workflow
    .command('create')
    .description('make a typed package from a graph: an API format export, or a PNG or WebP made by ComfyUI')
    .argument('<file>')
    .requiredOption('--name <name>', 'name of the package and the workflow, such as my-flow')
    .option('--out <folder>', 'where to write it (default: a folder of that name)')
    .action(async (file: string, options) =>
      (await import('./commands/workflow-create.ts')).workflowCreate(file, options, workflows),
    );
  workflow
    .command('check')
    .description('say what is wrong, missing or deprecated in a graph for a ComfyUI')
    .argument('<file>')
    .requiredOption('--comfyui <url>', 'address of the ComfyUI')
    .action(async (file: string, options) =>
      (await import('./commands/workflow-check.ts')).workflowCheck(file, options, workflows),
    );

  program
    .command('workflows')
    .description('list the workflows')
    .option('--json', 'as JSON')
    .action(({ json }) => {
      const rows = workflows.map(({ workflow_id, task_type, title }) => ({ workflow_id, task_type, title }));
      const lines = rows.map((row) => `${row.workflow_id.padEnd(20)} ${row.task_type.padEnd(12)} ${row.title}`);
      process.stdout.write(`${json ? JSON.stringify(rows) : lines.join('\n')}\n`);
    });
  return program;
}

/** @param onCpu - what `--local` runs, where it is the network that picks the graph */
function addRun(parent: Command, name: string, definition: WorkflowDefinition, onCpu?: WorkflowDefinition): Command {
  const command = parent.command(name).description(definition.title);
  for (const option of parameterOptions(definition)) command.addOption(option);
  return command
    .option('--out <folder>', 'where to save', '.')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, 300)
    .option('--local', 'run it on this machine, with no network beside it')
    .option('--allow-insecure-http', 'show the key over plain http to another machine')
    .action(async ({ out, timeout, local, allowInsecureHttp, ...parameters }) => {
      const { run } = await import('./commands/run.ts');
      await run((local && onCpu) || definition, parameters, { name, out, timeout, local, allowInsecureHttp });
    });
}
