// Every dependency of every manifest has a line in docs/dependencies.md, and no line is left of one that is gone.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/pages.ts';

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const manifests = [
  'package.json',
  ...globSync('{packages,apps,internal}/{*,*/*}/package.json', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  }),
];
const used = new Set(
  manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'));
    return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  }),
);
const isForeign = (name: string) => !/^@heurist\/|^heurist$|^@types\//.test(name);

/** Names in the first column of the tables, without versions and remarks. */
const listed = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| ([^|]+?) *\|/.exec(line)?.[1] ?? [])
  .filter((cell) => cell !== 'dependency' && !cell.startsWith('-'))
  .flatMap((cell) => cell.replaceAll(/\([^)]*\)/g, '').split(', '))
  .flatMap((part) => /^[@a-z][\w@/.-]*/.exec(part.trim()) ?? [])
  .filter((name) => name !== 'exact');

test('every dependency has a line', () => {
  expect([...used].filter((name) => isForeign(name) && !listed.includes(name))).toEqual([]);
});

test('every line is of a dependency', () => {
  // npm fetches it: no manifest can name the tool that installs
  expect(listed.filter((name) => name !== 'pnpm' && !used.has(name))).toEqual([]);
});
