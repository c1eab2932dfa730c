import { optionPieces } from '@heurist/graph-plan/option-pieces';
import type { WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import { TEST_FILE } from '../testing/find-tests.ts';
import { exampleInput } from './example-input.ts';
import { graphPicture, MOST_NODES } from './graph-picture.ts';
import { PICTURE, readme } from './package-readme.ts';
import { packageSources } from './package-sources.ts';
import { packageTests } from './package-tests.ts';

/** Versions of what a created package depends on. */
export interface PackageVersions {
  core: string;
  zod: string;
  typescript: string;
  /** Of `@heurist/cli` and `@heurist/dev`, which run its tests. */
  cli: string;
  dev: string;
}

/** The files of a workflow package that builds with `tsc` and is tested by Node itself: path -> content. */
export async function packageFiles(
  plan: WorkflowPlan,
  versions: PackageVersions,
): Promise<Record<string, string | Uint8Array>> {
  const { name } = plan;
  const pieces = optionPieces(plan.parameters);
  const hasPicture = Object.keys(plan.graph).length <= MOST_NODES;
  return {
    'package.json': manifest(plan, versions),
    'tsconfig.json': json(tsconfig),
    '.gitignore': 'node_modules\ndist\ntest-results\n.heurist\n',
    'README.md': readme(plan, pieces, hasPicture),
    ...(hasPicture && { [PICTURE]: graphPicture(plan) }),
    [`src/${name}.api.json`]: json(plan.graph),
    ...packageSources(plan, pieces),
    [TEST_FILE]: json(packageTests(plan)),
    ...(await exampleInputs(plan)),
  };
}

/** A picture or a sound for each file that a task must have. */
async function exampleInputs({ parameters }: WorkflowPlan): Promise<Record<string, Uint8Array>> {
  const kinds = new Set(parameters.flatMap(({ isRequired, file }) => (isRequired && file ? [file] : [])));
  const made = await Promise.all(
    Array.from(kinds, async (kind) => [exampleInput[kind].path, await exampleInput[kind].make()]),
  );
  return Object.fromEntries(made.filter(([, bytes]) => bytes));
}

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    verbatimModuleSyntax: true,
    resolveJsonModule: true,
    rewriteRelativeImportExtensions: true,
    declaration: true,
    rootDir: 'src',
    outDir: 'dist',
    skipLibCheck: true,
    types: [],
  },
  include: ['src'],
  exclude: ['src/**/*.test.ts'],
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function manifest({ name }: WorkflowPlan, { core, zod, typescript, cli, dev }: PackageVersions): string {
  const entry = (file: string) => ({ types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` });
  return json({
    name,
    version: '0.1.0',
    description: `Heurist workflow ${name}`,
    type: 'module',
    files: ['dist'],
    exports: { '.': entry('index'), './definition': entry('definition'), './package.json': './package.json' },
    engines: { node: '>=22.18' },
    scripts: {
      build: 'tsc -p .',
      test: 'node --test "src/**/*.test.ts"',
      'test:workflow': 'heurist workflow test',
      prepack: 'npm run build',
    },
    dependencies: { '@heurist/core': core, zod },
    devDependencies: { '@heurist/cli': cli, '@heurist/dev': dev, typescript },
  });
}
