import { Argument, type Command, Option } from 'commander';
import { allowInsecureHttp, list, wholeNumber } from './options.ts';

const atLeastOne = wholeNumber(1, 1_000_000);

/** Adds `heurist keys` with `create`, `list`, `limit`, `revoke` and `revoke-session`. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list, limit and revoke the keys of a sequencer')
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
    .option('--max-open-tasks <number>', "limit on a consumer's tasks that are waiting or running", atLeastOne)
    .option('--max-tasks-per-minute <number>', "limit on a consumer's submits per minute", atLeastOne)
    .option('--limit <name=value>', 'limit of this key, such as streams=8; repeatable, or comma-separated', list)
    .action(async (role, owner, limits) =>
      (await import('../commands/keys.ts')).createKey({ role, owner, ...limits }, keys.opts()),
    );
  keys
    .command('list')
    .description('list keys and their limits (secrets are never shown)')
    .action(async () => (await import('../commands/keys.ts')).listKeys(keys.opts()));
  keys
    .command('limit')
    .description('set limits that all keys of an owner share, or those of one key')
    .addArgument(new Argument('<whose>', 'role of the owner, or `key`').choices(['consumer', 'miner', 'key']))
    .argument('<name>', 'name of the owner, or id of the key')
    .argument('<limits...>', 'such as open_tasks=500; open_tasks=default takes it back')
    .action(async (whose: string, name: string, limits: string[]) =>
      (await import('../commands/keys.ts')).setLimits({ whose, name, limits }, keys.opts()),
    );
  keys
    .command('revoke')
    .description('revoke a key')
    .argument('<key-id>', 'id of the key (`heurist keys list` shows it)')
    .action(async (id: string) => (await import('../commands/keys.ts')).revokeKey(id, keys.opts()));
  keys
    .command('revoke-session')
    .description('end the session of one web page; the key that made it stays valid')
    .argument('<session-id>', 'id of the session (the log of the sequencer shows it)')
    .action(async (id: string) => (await import('../commands/keys.ts')).revokeSession(id, keys.opts()));
}
