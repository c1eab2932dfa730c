import { join } from 'node:path';
import ts from 'typescript';
import { type Page, root } from './pages.ts';

/** A program that is printed on a page. */
export interface Program {
  /** Where it begins, such as `README.md:12`. */
  place: string;
  language: 'ts' | 'js';
  code: string;
  /** The line of the page for each line of the code. */
  lines?: readonly number[];
}

/**
 * The programs of a page; see the rule in `programs.test.ts`.
 *
 * @throws {Error} for a block that continues nothing
 */
export function programsOf({ fences }: Page): Program[] {
  const programs: Program[] = [];
  for (const { place, language, note, code } of fences) {
    if (language !== 'ts' && language !== 'js') continue;
    const first = Number(place.split(':').at(-1)) + 1;
    const lines = code.split('\n').map((_, index) => first + index);
    if (note !== 'continued') programs.push({ place, language, code, lines });
    else {
      const before = programs.pop();
      if (!before) throw new Error(`${place}: there is nothing to continue.`);
      programs.push({ ...before, code: `${before.code}\n${code}`, lines: [...before.lines!, ...lines] });
    }
  }
  return programs;
}

/** What strict projects set, and no types but those of Node. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2024.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  allowJs: true,
  checkJs: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: false,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};

/**
 * Compiles programs, each as a separate file in a folder that has every public package.
 *
 * @param against - the sources, which need no build, or the declarations that are published
 * @param packages - where else packages are: name -> path of its entry
 * @returns what the compiler says, by the place of the program
 */
export function checkPrograms(
  programs: readonly Program[],
  against: 'sources' | 'declarations' = 'sources',
  packages: Readonly<Record<string, string[]>> = {},
): Map<string, string[]> {
  const files = new Map(
    programs.map(({ language, code }, index) => [join(root, `internal/docs/program-${index}.m${language}`), code]),
  );
  const options = {
    ...OPTIONS,
    paths: packages,
    ...(against === 'sources' && { customConditions: ['@heurist/source'] }),
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getCurrentDirectory = () => join(root, 'internal/docs');
  const compiled = ts.createProgram([...files.keys()], options, host);
  const messages = [...files.keys()].map((path) => {
    const source = compiled.getSourceFile(path)!;
    return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)];
  });
  return new Map(
    programs.map((program, index) => [program.place, messages[index]!.map((said) => describe(program, said))]),
  );
}

/** What the compiler says, with page and line. */
function describe({ place, lines }: Program, { file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file && lines?.[file.getLineAndCharacterOfPosition(start).line];
  return `${line ? place.replace(/\d+$/, `${line}`) : place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
