// The front door stays small, and says first what a stranger needs.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workflows } from '@heurist/cli';
import { expect, test } from 'vitest';
import { readPages, root } from '../src/pages.ts';

const pages = readPages();
const readme = pages.get('README.md')!;
const paragraphs = readme.text.split('\n\n');

test('the README has fewer than 150 lines', () => {
  expect(readme.text.trimEnd().split('\n').length).toBeLessThan(150);
});

test('its first paragraph names the Node that every package needs', () => {
  const manifests = globSync('packages/{*,*/*}/package.json', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  const engines = manifests
    .map((path) => JSON.parse(readFileSync(join(root, path), 'utf8')))
    .filter((manifest) => !manifest.private)
    .map((manifest) => manifest.engines.node);
  expect(new Set(engines).size).toBe(1);
  expect(paragraphs[1]).toContain(`Node ${engines[0].replace('>=', '')} or newer`);
});

test('what to install and the shortest program come before everything else', () => {
  expect(readme.fences.slice(0, 2).map(({ language }) => language)).toEqual(['sh', 'ts']);
  expect(paragraphs.slice(2, 4).every((paragraph) => paragraph.startsWith('```'))).toBe(true);
});

test('each public package is in the README, or in a page about the parts', () => {
  const linked = [...readme.links, ...pages.get('docs/architecture.md')!.links].map(({ text }) =>
    text.replace('../', ''),
  );
  const names = globSync('packages/{*,*/*}/README.md', { cwd: root, exclude: (name) => name === 'node_modules' });
  expect(
    names
      .map((path) => path.replace('/README.md', ''))
      .filter((path) => !linked.includes(path) && !path.endsWith('fixtures')),
  ).toEqual([]);
});

test('the README names each graph', () => {
  const named = new Set(readme.spans.map(({ text }) => text));
  expect(workflows.map(({ workflow_id }) => workflow_id).filter((id) => !named.has(id))).toEqual([]);
});
