import { parse } from 'shell-quote';

/**
 * The commands of a block for a shell, as words. Comments and variables that are set for one command are left out.
 *
 * @throws {Error} for what is more than commands in a row: pipes, redirections, expansions
 */
export function commandsOf(code: string): string[][] {
  const lines = code.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const commands: string[][] = [[]];
    for (const word of parse(line, (name) => `$${name}`)) {
      if (typeof word === 'string') commands.at(-1)!.push(word);
      else if ('comment' in word) break;
      else if (word.op === 'glob') commands.at(-1)!.push(word.pattern);
      else if (word.op === '&&' || word.op === ';') commands.push([]);
      else throw new Error(`"${line}" is more than commands in a row (${word.op}).`);
    }
    return commands.map(withoutVariables).filter((words) => words.length);
  });
}

function withoutVariables(words: string[]): string[] {
  const first = words.findIndex((word) => !/^[A-Z_0-9]+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

/** The arguments after `heurist`, however it is called. Nothing for other commands. */
export function heuristArguments([command, ...args]: readonly string[]): string[] | undefined {
  if (command === 'heurist') return args;
  const [name, ...rest] = command === 'npx' ? args.filter((arg) => arg !== '--yes') : [];
  // the second one is installed in the folder
  if (name === '@heurist/cli' || name === 'heurist') return rest;
  if (name === '@heurist/dev') return ['dev', ...rest];
  if (command === 'npm' && args.slice(0, 3).join(' ') === 'run heurist --') return args.slice(3);
  return undefined;
}

/** The packages that `npm install` names. */
export function installedBy([command, verb, ...args]: readonly string[]): string[] | undefined {
  if (command !== 'npm' || verb !== 'install') return undefined;
  return args.filter((arg) => !arg.startsWith('-')).map((name) => name.replace(/(?<=.)@[\d.]+$/, ''));
}
