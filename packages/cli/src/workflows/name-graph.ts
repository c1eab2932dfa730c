import { CommandError } from '../output/command-error.ts';
import { families } from './workflows.ts';

const FLAG = '--workflow-id';

/**
 * Takes `--workflow-id <id>` out of the arguments of `run <family>`: each graph is a command with the flags of its own.
 *
 * @throws {CommandError} if the family has no such graph
 */
export function nameGraph(args: readonly string[]): string[] {
  const shown = asHelp(args);
  return takeGraph(shown) ?? [...shown];
}

/** `run help x` and `help run x` are `run x --help`, for which the graph is chosen. */
function asHelp(args: readonly string[]): readonly string[] {
  const [first, second, name] = args;
  const isHelp = (first === 'run' && second === 'help') || (first === 'help' && second === 'run');
  return isHelp && args.length === 3 ? ['run', name!, '--help'] : args;
}

/** The last one counts, as with other options. */
function takeGraph(args: readonly string[]): string[] | undefined {
  const [command, name] = args;
  const family = command === 'run' ? families.find((known) => known.name === name) : undefined;
  const index = args.findLastIndex((arg) => arg === FLAG || arg.startsWith(`${FLAG}=`));
  if (!family || index < 0) return undefined;
  const isJoined = args[index] !== FLAG;
  const id = isJoined ? args[index]!.slice(FLAG.length + 1) : args[index + 1];
  const ids = family.definitions.map(({ workflow_id }) => workflow_id);
  if (id === undefined || !ids.includes(id))
    throw new CommandError(
      `${FLAG} "${id ?? ''}" is not a graph of ${family.name}.${suggest(id ?? '', ids)} Use one of: ${ids.join(', ')}.`,
    );
  const before = args.slice(0, index);
  const rest = [...(takeGraph(before)?.slice(2) ?? before.slice(2)), ...args.slice(index + (isJoined ? 1 : 2))];
  return ['run', id, ...rest];
}

/** ` Did you mean x?`, if a known name is nearly the given one. */
export function suggest(given: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({ name, distance: editDistance(given.slice(0, 100), name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return best ? ` Did you mean ${best.name}?` : '';
}

/** How many characters must be put in, left out or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (to[j] === letter ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
}
