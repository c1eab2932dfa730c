import { Argument, type Command, Option } from 'commander';
import { allowInsecureHttp, wholeNumber } from './options.ts';

/** Adds `heurist keys` with `create`, `list` and `revoke`. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list and revoke the keys of a sequencer')
    .option('--sequencer <url>', 'address of the sequencer', 'http://127.0.0.1:8787')
    .addOption(new Option('--key <key>', "operator's key; safer in HEURIST_OPERATOR_KEY").env('HEURIST_OPERATOR_KEY'))
    .option(
      '--data-dir <folder>',
      "the sequencer's data folder: its operator key is used if no key is given",
      '.heurist',
    )
    .addOption(allowInsecureHttp());
  keys
    .command('create')
    .description('create a key (it is shown only once)')
    .addArgument(new Argument('<role>', 'what the key is for').choices(['consumer', 'miner', 'operator']))
    .argument('<owner>', 'name of its owner')
    .option('--max-open-tasks <number>', "limit on a consumer's tasks that are waiting or running", wholeNumber)
    .option('--max-tasks-per-minute <number>', "limit on a consumer's submits per minute", wholeNumber)
    .action(async (role, owner, limits) =>
      (await import('../commands/keys.ts')).createKey({ role, owner, ...limits }, keys.opts()),
    );
  keys
    .command('list')
    .description('list keys (secrets are never shown)')
    .action(async () => (await import('../commands/keys.ts')).listKeys(keys.opts()));
  keys
    .command('revoke')
    .description('revoke a key')
    .argument('<key-id>', 'id of the key (`heurist keys list` shows it)')
    .action(async (id: string) => (await import('../commands/keys.ts')).revokeKey(id, keys.opts()));
}
