import { optionPieces } from './option-pieces.ts';
import { readme } from './package-readme.ts';
import { packageSources } from './package-sources.ts';
import type { WorkflowPlan } from './plan-workflow.ts';

/** Versions of what a created package depends on. */
export interface PackageVersions {
  core: string;
  zod: string;
  typescript: string;
}

/** The files of a workflow package that builds with `tsc` and is tested by Node itself: path -> content. */
export function packageFiles(plan: WorkflowPlan, versions: PackageVersions): Record<string, string> {
  const { name } = plan;
  const pieces = optionPieces(plan.parameters);
  return {
    'package.json': manifest(plan, versions),
    'tsconfig.json': json(tsconfig),
    '.gitignore': 'node_modules\ndist\n',
    'README.md': readme(plan, pieces),
    [`src/${name}.api.json`]: json(plan.graph),
    ...packageSources(plan, pieces),
  };
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

function manifest({ name }: WorkflowPlan, { core, zod, typescript }: PackageVersions): string {
  const entry = (file: string) => ({ types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` });
  return json({
    name,
    version: '0.1.0',
    description: `Heurist workflow ${name}`,
    type: 'module',
    files: ['dist'],
    exports: { '.': entry('index'), './definition': entry('definition'), './package.json': './package.json' },
    engines: { node: '>=22.18' },
    scripts: { build: 'tsc -p .', test: 'node --test "src/**/*.test.ts"', prepack: 'npm run build' },
    dependencies: { '@heurist/core': core, zod },
    devDependencies: { typescript },
  });
}
