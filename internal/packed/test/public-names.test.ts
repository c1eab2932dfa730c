// What users import: every package, every subpath, every name. A name that is missing here breaks somebody's build; one
// that is new is a promise. `vitest run --project packed public-names -u` writes the list after a change on purpose.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

interface Manifest {
  name: string;
  private?: boolean;
  exports: Record<string, string | { '@heurist/source': string }>;
}

/**
 * The names that a module exports. Public entries name each one: `export *` of another package would make names public unseen. A
 * file of the same package, whose own list is read here, may stand for its names.
 */
function exportedNames(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement): string[] => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      const from = (moduleSpecifier as ts.StringLiteral | undefined)?.text ?? '';
      if (!exportClause && from.startsWith('./')) return exportedNames(join(dirname(path), from));
      if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${path} has an "export *" of ${from}.`);
      return exportClause.elements.map(({ name }) => name.text);
    }
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExport);
    if (!isExported) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    const { name } = statement as ts.DeclarationStatement;
    return name ? [name.getText(source)] : ['default'];
  });
}

const isExport = ({ kind }: ts.ModifierLike) => kind === ts.SyntaxKind.ExportKeyword;

function publicNames(manifestPath: string): string[] {
  const manifest: Manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  if (manifest.private) return [];
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const module = join(manifest.name, subpath);
    if (typeof target === 'string') return [module];
    // of the workspace alone: it is not published
    if (Object.keys(target).length === 1) return [];
    return exportedNames(join(dirname(manifestPath), target['@heurist/source']))
      .sort()
      .map((name) => `${module} ${name}`);
  });
}

test('the public names of every package', async () => {
  const manifests = globSync(['packages/*/package.json', 'packages/*/*/package.json'], { cwd: root }).sort();
  const names = manifests
    .filter((path) => !path.includes('node_modules'))
    .flatMap((path) => publicNames(join(root, path)));
  await expect(`${names.join('\n')}\n`).toMatchFileSnapshot('public-names.txt');
});
