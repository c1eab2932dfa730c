import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, Option } from 'commander';
import { logFormat, wholeNumber } from './common-options.ts';
import { invalid } from './invalid.ts';

/** Adds `heurist miner`, `miner check` and `miner setup`. */
export function addMinerCommands(program: Command, workflows: readonly WorkflowDefinition[]): void {
  const miner = program
    .command('miner')
    .description('run tasks on a ComfyUI (options with a value can be set in the environment: docs/environment.md)')
    .addOption(new Option('--sequencer <url>', 'address of the sequencer').env('HEURIST_SEQUENCER_URL'))
    .addOption(comfyuiOption())
    .addOption(new Option('--key <key>', 'minerId#key; better in the environment or a file').env('HEURIST_MINER_KEY'))
    .addOption(new Option('--key-file <file>', 'file that holds the key').env('HEURIST_MINER_KEY_FILE'))
    .addOption(
      new Option('--data-dir <folder>', 'where work under way is noted, so that a restart does not lose it')
        .env('HEURIST_DATA_DIR')
        .default('.heurist'),
    )
    .addOption(
      new Option('--prefetch <number>', 'tasks that each ComfyUI claims ahead, shortly before the running one ends')
        .env('HEURIST_PREFETCH')
        .argParser(wholeNumber)
        .default(1),
    )
    .addOption(
      new Option('--restart-command <command>', 'restarts a ComfyUI that is stuck; its address is in COMFYUI_URL').env(
        'HEURIST_RESTART_COMMAND',
      ),
    )
    .addOption(
      new Option('--stall-seconds <number>', 'a ComfyUI without a sign of life for so long is stuck')
        .env('HEURIST_STALL_SECONDS')
        .argParser(wholeNumber)
        .default(600),
    )
    .addOption(
      new Option('--on-stop <what>', 'what becomes of running tasks at SIGTERM or Ctrl-C')
        .env('HEURIST_ON_STOP')
        .choices(['finish', 'give-back'])
        .default('finish'),
    )
    .addOption(
      new Option('--status-port <number>', 'serve /healthz and /metrics on this port')
        .env('HEURIST_STATUS_PORT')
        .argParser(wholeNumber),
    )
    .addOption(
      new Option('--status-host <address>', 'address that they listen on')
        .env('HEURIST_STATUS_HOST')
        .default('127.0.0.1'),
    )
    .addOption(
      new Option(
        '--allow-raw-graphs <classes>',
        "run consumers' own graphs of these node classes: with commas, or a file with one a line",
      ).env('HEURIST_ALLOW_RAW_GRAPHS'),
    )
    .addOption(logFormat())
    .option('--keep-metadata', 'leave the graph, and with it the prompt, in the files that ComfyUI makes')
    .option('--allow-private-inputs', 'fetch inputs from private networks too')
    .option('--allow-insecure-http', 'show the key over plain http to another machine')
    .option('--legacy', 'work for a sequencer of the reference protocol, which knows wallets instead of keys')
    .addOption(new Option('--erc20-address <address>', 'wallet, for --legacy').env('ERC20_ADDRESS'))
    .action(async (options) => (await import('./commands/miner.ts')).miner(options, workflows));

  miner
    .command('check')
    .description('say which workflows a ComfyUI can run, what is missing for the others, and where to get it')
    .addOption(comfyuiOption())
    .option('--json', 'as JSON')
    .action(async (_, command: Command) =>
      (await import('./commands/miner-check.ts')).minerCheck(withComfyui(command), workflows),
    );

  miner
    .command('setup')
    .description('download the model files that workflows need (HF_TOKEN for those that want a key)')
    .argument('<workflow...>', 'ids of workflows, as `heurist workflows` lists them')
    .addOption(new Option('--models <folder>', "ComfyUI's folder of models").env('COMFYUI_MODELS'))
    .option('--yes', 'do not ask')
    .action(async (names: string[], options) =>
      (await import('./commands/miner-setup.ts')).minerSetup(names, options, workflows),
    );
}

/** Not mandatory by itself: an option of `miner` stands before and after `check`. */
function comfyuiOption(): Option {
  return new Option('--comfyui <url>', 'address of a ComfyUI; again, or with commas, for more of them')
    .env('COMFYUI_URL')
    .argParser((text: string, before: string[] = []) => [...before, ...text.split(',')]);
}

/** @throws {HeuristError} `invalid_configuration` where no ComfyUI is named */
function withComfyui(command: Command): { comfyui: string[]; json?: boolean } {
  const { comfyui, json } = command.optsWithGlobals();
  if (comfyui) return { comfyui, json };
  throw invalid('Name a ComfyUI: --comfyui http://127.0.0.1:8188, or COMFYUI_URL.');
}
