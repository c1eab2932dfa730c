// No message names a command in a spelling that works in one place only: the command line spells its commands as they work where
// it was started (packages/cli/src/system/spelling.ts), and what others say names none.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../src/pages.ts';

const paths = globSync(['packages/**/src/**/*.{ts,tsx}', 'apps/*/{src,server,shared}/**/*.{ts,tsx}'], {
  cwd: root,
  exclude: (name) => /node_modules|dist$/.test(name),
}).filter((path) => !/\.test\.tsx?$/.test(path));

/** The texts of a program, without its comments. */
function textsOf(code: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node)
    )
      texts.push(node.text);
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile('a.tsx', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return texts;
}

const COMMAND =
  /\bheurist (?:dev|run|sequencer|miner|status|keys|workflows?)\b|npx (?:-\S+ )*@heurist\/|npm run heurist/;

const ALLOWED: Record<string, RegExp> = {
  'packages/cli/src/system/spelling.ts': /./,
  // of an app, which is outside a clone
  'packages/core/src/wire/transport/check-url.ts': /`npx @heurist\/dev` starts a local network/,
  // headings of docs/environment.md
  'packages/cli/src/program/environment.ts': /^heurist /,
  // a page that is read outside a clone
  'packages/cli/src/authoring/package-readme.ts': /## Run it/,
  // typed on another machine, which has no clone
  'apps/demo/src/home/add-gpu.ts': /^(?:heurist miner setup sdxl --models|heurist miner --sequencer )/,
  // a program to copy: it runs wherever it is pasted
  'apps/demo/src/programs/cli.ts': /^npx --yes @heurist\/cli run$/,
  // commands to copy, too
  'apps/demo/src/own-workflow/commands.ts': /^npx --yes (?:@heurist\/|-p @heurist\/cli -p @heurist\/dev heurist )/,
  // a script, which finds the command that its package installs
  'packages/cli/src/authoring/package-files.ts': /^heurist workflow test$/,
  // says it of a clone, where alone it is
  'apps/quickstart/src/main.ts': /npm run heurist -- run text2image/,
};

/** In the help, commands in backticks are spelled when it is printed. */
const withoutHelp = (path: string, text: string) =>
  path.startsWith('packages/cli/src/program/') ? text.replaceAll(/`heurist [^`]*`/g, '') : text;

const isOpen = (path: string) => (text: string) => COMMAND.test(withoutHelp(path, text)) && !ALLOWED[path]?.test(text);

test('commands in messages are spelled where they are printed', () => {
  expect(paths.length).toBeGreaterThan(300);
  const found = paths.flatMap((path) =>
    textsOf(readFileSync(join(root, path), 'utf8'))
      .filter(isOpen(path))
      .map((text) => `${path}: ${text}`),
  );
  expect(found).toEqual([]);
});

test('what is allowed is there', () => {
  const there = Object.keys(ALLOWED).filter((path) => COMMAND.test(readFileSync(join(root, path), 'utf8')));
  expect(there).toEqual(Object.keys(ALLOWED));
});

test.each([
  "throw new Error('Use heurist keys list.')",
  'throw new Error(`${' + 'id}: heurist keys create operator NAME`)',
  'const a = <p>Start it with npx @heurist/dev first</p>',
  'log("npx -y @heurist/cli miner")',
])('the check finds %s', (code) => {
  expect(textsOf(code).some(isOpen('packages/core/src/x.ts'))).toBe(true);
  expect(textsOf(`// ${code}`).some(isOpen('packages/core/src/x.ts'))).toBe(false);
});
