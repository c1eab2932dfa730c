// Every name that users import has a sentence, for editors and for the reference on the site.
import { relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../src/pages.ts';
import { publicEntries } from '../src/public-entries.ts';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  customConditions: ['@heurist/source'],
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  noEmit: true,
  types: [],
};

/** The names that modules export without a sentence, each with where it is declared. */
function undocumentedIn(paths: readonly string[], host = ts.createCompilerHost(options)): string[] {
  const program = ts.createProgram({ rootNames: paths, options, host });
  const checker = program.getTypeChecker();
  const named = paths.flatMap((path) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!),
  );
  const declared = named.map((name) => (name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name));
  const missing = [...new Set(declared)].filter(
    (name) => isOurs(name) && !name.getDocumentationComment(checker).length,
  );
  return missing.map(placeOf);
}

const isOurs = ({ declarations: [first] = [] }: ts.Symbol) => !first?.getSourceFile().fileName.includes('node_modules');

function placeOf({ name, declarations: [first] = [] }: ts.Symbol): string {
  const file = first!.getSourceFile();
  return `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(first!.getStart()).line + 1} ${name}`;
}

test('every public name has a sentence', () => {
  const entries = publicEntries();
  expect(entries.size).toBeGreaterThan(35);
  expect(undocumentedIn([...entries.values()])).toEqual([]);
});

test('the check finds a name without one, also behind another module', () => {
  const files: Record<string, string> = {
    [`${root}/a.ts`]: "export { b, c } from './b.ts';\n",
    [`${root}/b.ts`]:
      '/** Says. */\nexport const b = 1;\n/** @param x - a number */\nexport function c(x: number) {}\n',
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.fileExists = (path) => path in files || fileExists(path);
  host.readFile = (path) => files[path] ?? readFile(path);
  expect(undocumentedIn([`${root}/a.ts`], host)).toEqual(['b.ts:4 c']);
});
