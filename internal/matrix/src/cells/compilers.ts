// Each TypeScript, under each way to resolve modules: our declarations are checked too (`skipLibCheck: false`).
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, type Stage, Unavailable } from '../cell.ts';
import { runProgram } from '../processes.ts';

const VERSIONS = ['5.4.5', '5.5.4', '5.6.3', '5.7.3', '5.8.3', '5.9.3', '6.0.3', '7.0.2'];

/** Those of the oldest Node that the packages support. */
const NODE_TYPES = '@types/node@22';

interface Resolution {
  name: string;
  module: string;
  moduleResolution: string;
  /** Whether a file is an ES module or CommonJS follows from its name. */
  files: readonly string[];
  /** Types that are there without an import. */
  types: readonly string[];
  isKnownTo(version: string): boolean;
}

const always = () => true;
const everything = ['types', 'types-of-node'];
const spelled = (...endings: string[]) => everything.flatMap((name) => endings.map((ending) => `${name}.${ending}`));

const RESOLUTIONS: readonly Resolution[] = [
  { name: 'node16', module: 'node16', moduleResolution: 'node16', files: spelled('mts', 'cts') },
  { name: 'nodenext', module: 'nodenext', moduleResolution: 'nodenext', files: spelled('mts', 'cts') },
  { name: 'bundler', module: 'esnext', moduleResolution: 'bundler', files: spelled('ts') },
  {
    name: 'bundler (without the types of Node)',
    module: 'esnext',
    moduleResolution: 'bundler',
    files: ['types.ts'],
    types: [],
  },
  {
    name: 'node10',
    module: 'commonjs',
    moduleResolution: 'node10',
    files: spelled('ts'),
    isKnownTo: (version: string) => version.startsWith('5.'),
  },
].map((resolution) => ({ types: ['node'], isKnownTo: always, ...resolution }));

export const compilers: readonly Cell[] = VERSIONS.map((version): Cell => {
  const resolutions = RESOLUTIONS.filter(({ isKnownTo }) => isKnownTo(version));
  return {
    where: `TypeScript ${version.split('.').slice(0, 2).join('.')}`,
    does: `types under ${resolutions.map(({ name }) => name).join(', ')}`,
    async run(stage) {
      const compiler = await installCompiler(stage, version);
      for (const resolution of resolutions) await compile(stage, compiler, resolution, version);
    },
  };
});

/** The script that starts a TypeScript. Beside it are the types of Node. */
async function installCompiler(stage: Stage, version: string): Promise<string> {
  const folder = await stage.install([`typescript@${version}`]);
  return join(folder, 'node_modules/typescript/bin/tsc');
}

async function compile(stage: Stage, compiler: string, resolution: Resolution, version: string): Promise<void> {
  const { name, module, moduleResolution, files, types } = resolution;
  const typesFolder = join(await stage.install([NODE_TYPES]), 'node_modules/@types');
  // below the app, which has the packages
  const folder = join(stage.app, `typescript-${version}-${name.replaceAll(/\W+/g, '-')}`);
  mkdirSync(folder);
  for (const file of files) copyFileSync(join(stage.app, file.replace(/\.[mc]?ts$/, '.ts')), join(folder, file));
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    // the web's, for `fetch`; what is newer comes with the types of Node
    lib: ['es2022', 'dom', 'dom.iterable'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    esModuleInterop: true,
    noEmit: true,
    types,
    typeRoots: [typesFolder],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    await runProgram(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: stage.app });
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Error(`under ${name}: ${shortened((error as Error).message, folder)}`);
  }
}

/** Enough to see what is wrong. */
function shortened(message: string, folder: string): string {
  const lines = message.replaceAll(`${folder}/`, '').split('\n').slice(1);
  return `${lines.slice(0, 12).join('\n')}${lines.length > 12 ? `\n... ${lines.length - 12} more lines` : ''}`;
}
