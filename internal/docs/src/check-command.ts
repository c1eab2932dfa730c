import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsOf, heuristArguments, installedBy } from './commands.ts';
import { refusalOf } from './heurist.ts';
import { root } from './pages.ts';

interface Manifest {
  name: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  repository: { directory: string };
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** What commands on a page may name besides what this repository has. */
export interface Surroundings {
  /** Scripts that `npm run` finds. Default: those of the repository. */
  scripts?: Readonly<Record<string, string>>;
  /** Packages that `npm install` finds besides. */
  packages?: readonly string[];
}

const repository: Surroundings = { scripts: JSON.parse(read('package.json')).scripts };
const dependencies = read('docs/dependencies.md');
const chaos = read('internal/chaos/main.ts');

/** Manifests of everything that is published. */
export const manifests: readonly Manifest[] = globSync('packages/{*,*/*}/package.json', {
  cwd: root,
  exclude: (name) => name === 'node_modules',
})
  .map((path): Manifest => JSON.parse(read(path)))
  .filter((manifest) => !manifest.private);

/** What is wrong with the commands of a block. */
export async function problemsOf(code: string, around: Surroundings = repository): Promise<string[]> {
  const problems = await Promise.all(commandsOf(code).map((words) => problemOf(words, around)));
  return problems.filter((problem) => problem !== undefined);
}

async function problemOf(words: readonly string[], around: Surroundings): Promise<string | undefined> {
  const args = heuristArguments(words);
  if (args) return await refusalOf(withoutOwnWorkflow(args));
  const [command = '', name = '', ...rest] = words;
  if (command === 'npm') {
    const packages = installedBy(words)?.filter((installed) => !around.packages?.includes(installed));
    return packages?.map(problemOfPackage).find(Boolean) ?? problemOfScript(name, rest, around);
  }
  const isKnown = command === 'cd' || (command === 'node' && name.startsWith('--env-file') && rest.length === 1);
  return isKnown ? undefined : `"${words.join(' ')}" is not checked: say why after the language of the block`;
}

/** A workflow of the reader's exists only for the reader. */
function withoutOwnWorkflow(args: string[]): string[] {
  const at = args.indexOf('--workflow');
  if (at === -1) return args;
  const rest = args.toSpliced(at, 2);
  return rest[0] === 'run' ? ['run', 'text2image', ...rest.slice(2)] : rest;
}

function problemOfPackage(name: string): string | undefined {
  // a folder of the reader's
  if (name.startsWith('../')) return;
  if (manifests.some((manifest) => manifest.name === name) || dependencies.includes(name)) return;
  return `${name} is not a package of ours, nor in docs/dependencies.md`;
}

function problemOfScript(verb: string, args: readonly string[], { scripts = {} }: Surroundings): string | undefined {
  if (verb === 'install') return;
  const [script = '', , ...rest] = verb === 'run' ? args : [verb, '--', ...args];
  if (!(script in scripts)) return `there is no script "${script}"`;
  if (script === 'bench') return rest.map(problemOfBenchmark).find(Boolean);
  if (script === 'chaos') return rest.map(problemOfChaos).find(Boolean);
}

/** In sentences, words in capitals stand for the reader's own. */
const problemOfBenchmark = (name: string) =>
  /^[A-Z]+$/.test(name) || existsSync(join(root, `internal/bench/${name}.ts`))
    ? undefined
    : `no such benchmark: ${name}`;

const problemOfChaos = (word: string) =>
  !word.startsWith('--') || new RegExp(`['\\s]${word.slice(2)}'?: \\{`).test(chaos)
    ? undefined
    : `chaos has no ${word}`;
