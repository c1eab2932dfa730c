import { Argument, type Command, Option } from 'commander';
import { allowInsecureHttp, list, moment, timeSpan, wholeNumber } from './options.ts';

const atLeastOne = wholeNumber(1, 1_000_000);

/** Options of every command that an operator calls a sequencer with. */
export function addOperatorOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--sequencer <url>', 'address of the sequencer')
        .env('HEURIST_SEQUENCER_URL')
        .default('http://127.0.0.1:8787'),
    )
    .addOption(new Option('--key <key>', "operator's key; safer in HEURIST_OPERATOR_KEY").env('HEURIST_OPERATOR_KEY'))
    .option(
      '--data-dir <folder>',
      "the sequencer's data folder: its operator key is used if no key is given",
      '.heurist',
    )
    .addOption(allowInsecureHttp());
}

/** Options of commands that set the limits of one key. */
function addLimitOptions(command: Command): Command {
  return command
    .option('--max-open-tasks <number>', "limit on a consumer's tasks that are waiting or running", atLeastOne)
    .option('--max-tasks-per-minute <number>', "limit on a consumer's submits per minute", atLeastOne)
    .option('--limit <name=value>', 'limit of this key, such as streams=8; repeatable, or comma-separated', list);
}

const EXPIRES = 'when the key expires: a date such as 2027-01-01, or a time from now such as 30d';

/** Adds `heurist keys` with `create`, `list`, `limit`, `change`, `rotate`, `revoke` and `revoke-session`. */
export function addKeysCommands(program: Command): void {
  const keys = addOperatorOptions(
    program.command('keys').description('create, list, change, rotate and revoke the keys of a sequencer'),
  );
  const create = keys
    .command('create')
    .description('create a key (it is shown only once)')
    .addArgument(new Argument('<role>', 'what the key is for').choices(['consumer', 'miner', 'operator']))
    .argument('<owner>', 'name of its owner')
    .option('--expires <when>', `${EXPIRES} (default: never)`, moment(1));
  addLimitOptions(create).action(async (role, owner, limits) =>
    (await import('../commands/keys.ts')).createKey({ role, owner, ...limits }, keys.opts()),
  );
  keys
    .command('list')
    .description('list keys, their last use, expiry and limits (secrets are never shown)')
    .action(async () => (await import('../commands/keys.ts')).listKeys(keys.opts()));
  addChangeCommands(keys);
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
    .argument('<key-id>', KEY_ID)
    .action(async (id: string) => (await import('../commands/keys.ts')).revokeKey(id, keys.opts()));
  keys
    .command('revoke-session')
    .description('end the session of one web page; the key that made it stays valid')
    .argument('<session-id>', 'id of the session (the log of the sequencer shows it)')
    .action(async (id: string) => (await import('../commands/keys.ts')).revokeSession(id, keys.opts()));
}

const KEY_ID = 'id of the key (`heurist keys list` shows it)';

function addChangeCommands(keys: Command): void {
  const expires = moment(1);
  const change = keys
    .command('change')
    .description('change the limits or the expiry of one key')
    .argument('<key-id>', KEY_ID)
    .option('--expires <when>', `${EXPIRES}, or never`, (text) => (text === 'never' ? text : expires(text)));
  addLimitOptions(change).action(async (id: string, changes) =>
    (await import('../commands/keys.ts')).changeKey(id, changes, keys.opts()),
  );
  keys
    .command('rotate')
    .description('create a key in the place of another, which stays valid for a while')
    .argument('<key-id>', KEY_ID)
    .option('--overlap <span>', 'how long the old key stays valid, such as 24h; 0s ends it at once', timeSpan, 86_400)
    .option('--expires <when>', `${EXPIRES}, or never (default: as the old one)`, (text) =>
      text === 'never' ? text : expires(text),
    )
    .action(async (id: string, options) => (await import('../commands/keys.ts')).rotateKey(id, options, keys.opts()));
}
