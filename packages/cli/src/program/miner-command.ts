import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, Option } from 'commander';
import { CommandError } from '../output/command-error.ts';
import {
  allowInsecureHttp,
  comfyui,
  dataDir,
  list,
  logFormat,
  MAX_SECONDS,
  port,
  privateHosts,
  proxyResolves,
  text,
  wholeNumber,
} from './options.ts';

/** Adds `heurist miner`, `miner check` and `miner setup`. */
export function addMinerCommands(program: Command, workflows: readonly WorkflowDefinition[]): void {
  const miner = program.command('miner').description('start a miner for a ComfyUI');
  for (const option of [...connection(), ...work(), ...status(), ...permissions(), ...legacy()])
    miner.addOption(option);
  miner.action(async (options) => (await import('../commands/miner.ts')).miner(options, workflows));
  addCheck(miner, workflows);
  addSetup(miner, workflows);
}

function connection(): Option[] {
  return [
    new Option('--sequencer <url>', 'address of the sequencer').env('HEURIST_SEQUENCER_URL'),
    comfyui(),
    new Option('--key <key>', 'minerId#key; safer in HEURIST_MINER_KEY or a file').env('HEURIST_MINER_KEY'),
    new Option('--key-file <file>', 'file that holds the key').env('HEURIST_MINER_KEY_FILE'),
    allowInsecureHttp(),
  ];
}

function work(): Option[] {
  return [
    dataDir('folder that records running tasks, so that a restart does not lose them'),
    new Option(
      '--comfyui-folder <folder>',
      'folder of the ComfyUI (holds input, output, temp): files of tasks are removed from it; one for all, or one per --comfyui',
    )
      .env('COMFYUI_FOLDER')
      .argParser(list),
    new Option('--prefetch <number>', 'tasks to claim ahead per ComfyUI, shortly before the running one ends')
      .env('HEURIST_PREFETCH')
      .argParser(wholeNumber(0, 100))
      .default(1),
    new Option(
      '--restart-command <command>',
      'command that restarts a stuck ComfyUI; gets its address as COMFYUI_URL',
    ).env('HEURIST_RESTART_COMMAND'),
    new Option('--stall-seconds <number>', 'seconds of silence after which a ComfyUI counts as stuck')
      .env('HEURIST_STALL_SECONDS')
      .argParser(wholeNumber(1, MAX_SECONDS))
      .default(600),
    new Option('--on-stop <action>', 'what to do with running tasks on SIGTERM or Ctrl-C')
      .env('HEURIST_ON_STOP')
      .choices(['finish', 'give-back'])
      .default('finish'),
  ];
}

function status(): Option[] {
  return [
    new Option('--status-port <number>', 'serve /healthz and /metrics on this port')
      .env('HEURIST_STATUS_PORT')
      .argParser(port),
    new Option('--status-host <address>', 'address to serve them on')
      .env('HEURIST_STATUS_HOST')
      .argParser(text)
      .default('127.0.0.1'),
    logFormat(),
  ];
}

function permissions(): Option[] {
  return [
    new Option(
      '--allow-raw-graphs <classes>',
      "run consumers' own graphs of these node classes: comma-separated, or a file with one class per line",
    ).env('HEURIST_ALLOW_RAW_GRAPHS'),
    new Option('--keep-metadata', 'keep the graph, including the prompt, in the files that ComfyUI makes').env(
      'HEURIST_KEEP_METADATA',
    ),
    privateHosts('that inputs may be fetched from'),
    new Option(
      '--allow-private-inputs',
      'allow fetching inputs from every private host, as --private-hosts "*" does',
    ).env('HEURIST_ALLOW_PRIVATE_INPUTS'),
    proxyResolves('inputs'),
  ];
}

function legacy(): Option[] {
  return [
    new Option('--legacy', 'work for a sequencer of the reference protocol, which uses wallets instead of keys').env(
      'HEURIST_LEGACY',
    ),
    new Option('--erc20-address <address>', 'wallet address, for --legacy').env('ERC20_ADDRESS'),
  ];
}

function addCheck(miner: Command, workflows: readonly WorkflowDefinition[]): void {
  miner
    .command('check')
    .description('list which workflows a ComfyUI can run, what the others need, and where to get it')
    .addOption(comfyui())
    .option('--json', 'print JSON')
    .action(async (_, command: Command) =>
      (await import('../commands/miner-check.ts')).minerCheck(requireComfyui(command), workflows),
    );
}

function requireComfyui(command: Command): { comfyui: string[]; json?: boolean } {
  const { comfyui, json } = command.optsWithGlobals();
  if (comfyui?.length) return { comfyui, json };
  throw new CommandError('No ComfyUI address. Pass --comfyui http://127.0.0.1:8188, or set COMFYUI_URL.');
}

function addSetup(miner: Command, workflows: readonly WorkflowDefinition[]): void {
  miner
    .command('setup')
    .description('download the model files that workflows need (gated models: set HF_TOKEN)')
    .argument('<workflow...>', 'workflow ids (`heurist workflows` lists them)')
    .addOption(new Option('--models <folder>', 'models folder of the ComfyUI').env('COMFYUI_MODELS'))
    .option('--yes', 'download without asking')
    .action(async (names: string[], options) =>
      (await import('../commands/miner-setup.ts')).minerSetup(names, options, workflows),
    );
}
