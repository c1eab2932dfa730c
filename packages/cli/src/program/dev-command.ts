import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Command } from 'commander';
import { list, port } from './options.ts';
import type { ProgramOptions } from './program-options.ts';

/** Adds `heurist dev`. */
export function addDevCommand(
  program: Command,
  workflows: readonly WorkflowDefinition[],
  { startLocalNetwork, editedPackages = [] }: ProgramOptions,
): void {
  program
    .command('dev')
    .description(
      'start a local network: sequencer, miner and CPU engine (needs @heurist/dev); --workflow loads a package, and loads it anew when you save it',
    )
    .option('--port <number>', 'port of the sequencer', port, 8787)
    .option('--data-dir <folder>', 'folder for the queue, files and keys', '.heurist')
    .option(
      '--cors-origin <origins>',
      'origins of web pages that call it with a session token, such as http://localhost:3000; repeatable, or comma-separated',
      list,
    )
    .option('--json', 'print one line of JSON when ready, and no log')
    .action(async (options) =>
      (await import('../commands/dev.ts')).dev(options, workflows, editedPackages, startLocalNetwork),
    );
}
