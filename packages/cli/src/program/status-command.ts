import type { Command } from 'commander';
import { allowInsecureHttp } from './options.ts';

/** Adds `heurist status`. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('show miners, queues and recent failures (reads HEURIST_WORKFLOW_URL and HEURIST_API_KEY, or .env)')
    .option('--json', 'print JSON')
    .addOption(allowInsecureHttp())
    .action(async (options) => (await import('../commands/status.ts')).status(options));
}
