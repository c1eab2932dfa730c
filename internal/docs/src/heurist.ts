import { createProgram, workflows } from '@heurist/cli';
import { type Command, CommanderError } from 'commander';

/**
 * Reads arguments as the `heurist` command does, and does nothing then.
 *
 * @returns what the command says against them, or nothing
 */
export async function refusalOf(args: readonly string[]): Promise<string | undefined> {
  const program = createProgram(workflows);
  let refusal = '';
  silence(program, (text) => {
    refusal += text;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    return refusal || (error as Error).message;
  }
}

function silence(command: Command, onError: (text: string) => void): void {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: onError });
  // a group that is called with no command of its own has its own error
  if (!command.commands.length || isCommandItself(command)) command.action(() => {});
  for (const sub of command.commands) silence(sub, onError);
}

/** `heurist miner` starts a miner, and has commands beside. */
const isCommandItself = (command: Command) => command.options.some(({ long }) => long === '--sequencer');

/** What a sentence or a table names that does not exist, in a form such as `heurist run <workflow> [--out DIR]`. */
export function unknownIn(synopsis: string): string[] {
  const path = [createProgram(workflows)];
  return synopsis
    .split(/[\s[\]|]+/)
    .slice(1)
    .flatMap((word) => {
      const last = path.at(-1)!;
      const next = last.commands.find((sub) => sub.name() === word || sub.aliases().includes(word));
      if (next) path.push(next);
      const isFine = next || (word.startsWith('--') ? isFlag(word.replace(/=.*/, ''), path) : isArgument(word, last));
      return isFine ? [] : [`${path.map((part) => part.name()).join(' ')}: ${word}`];
    });
}

/** Stands for the flags of a workflow. */
const PLACEHOLDERS = ['--parameter', '--help'];

function isFlag(flag: string, path: readonly Command[]): boolean {
  const has = (command: Command) => command.options.some(({ long }) => long === flag);
  // after `heurist run <workflow>`, a flag of any workflow
  return PLACEHOLDERS.includes(flag) || path.some(has) || path.at(-1)!.commands.some(has);
}

/** A group of commands takes no argument of the reader's, such as a file. */
const isArgument = (word: string, command: Command) =>
  !command.commands.length || command.registeredArguments.length > 0 || !/^[a-z][\w-]*$/.test(word);
