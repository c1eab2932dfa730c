import { globSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** The root of this repository. */
export const root = resolve(import.meta.dirname, '../../..');
const examples = join(root, 'examples');
/** Where the compiler sees them: below a package that has what they import. */
const seen = resolve(import.meta.dirname, '../examples');

/** What their own `tsconfig.json` files ask for, in one: each is compiled with its own when it is built. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@heurist/source'],
  jsx: ts.JsxEmit.ReactJSX,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  paths: { 'photo-glow': [join(seen, 'own-workflow/photo-glow/src/index.ts')] },
};

/** Every program of the examples, from their folder. */
export const programs: readonly string[] = globSync('**/*.{ts,tsx}', {
  cwd: examples,
  exclude: (path) => /(^|\/)(node_modules|dist|\.next)$/.test(path),
}).toSorted();

/**
 * Compiles examples against the sources of the packages.
 *
 * @param paths - what to compile. Default: all programs
 * @param edited - other texts of files, by their paths
 * @returns what the compiler says: `nextjs/app/page.tsx:12: ...`
 */
export function checkExamples(paths = programs, edited: Readonly<Record<string, string>> = {}): string[] {
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, directoryExists } = host;
  const real = (path: string) => (path.startsWith(seen) ? examples + path.slice(seen.length) : path);
  const isOwn = (path: string) => path.startsWith(seen) && !path.includes('node_modules');
  host.fileExists = (path) => (isOwn(path) || !path.startsWith(seen)) && fileExists(real(path));
  host.directoryExists = (path) => (isOwn(path) || !path.startsWith(seen)) && directoryExists!(real(path));
  host.readFile = (path) => edited[relative(seen, path)] ?? readFile(real(path));
  host.getCurrentDirectory = () => seen;
  const roots = [...paths.map((path) => join(seen, path)), join(import.meta.dirname, 'next.d.ts')];
  const compiled = ts.createProgram(roots, OPTIONS, host);
  return roots.flatMap((path) => {
    const source = compiled.getSourceFile(path);
    if (!source) return [`${relative(seen, path)}: cannot be read`];
    return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)].map(describe);
  });
}

function describe({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file && file.getLineAndCharacterOfPosition(start).line + 1;
  return `${relative(seen, file?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
