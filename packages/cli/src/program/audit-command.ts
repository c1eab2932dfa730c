import type { Command } from 'commander';
import { addOperatorOptions } from './keys-command.ts';
import { moment, wholeNumber } from './options.ts';

/** Adds `heurist audit`. */
export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('list what operators did, the newest first');
  addOperatorOptions(audit)
    .option('--since <when>', 'from this date, time or span before now, such as 2027-01-01 or 7d', moment(-1))
    .option('--until <when>', 'up to this one', moment(-1))
    .option('--actor <name>', "only of this owner of an operator's key, or process:USER for what needed no key")
    .option('--action <name>', 'only this action, such as key_create or key_revoke')
    .option('--limit <number>', 'entries at most', wholeNumber(1, 100_000), 100)
    .option('--json', 'print one JSON object per line')
    .action(async (options) => (await import('../commands/audit.ts')).audit(options));
}
