// What can be said of the examples without installing them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listExamples } from '@heurist/release/example';
import { listPackages } from '@heurist/release/packages';
import { expect, test } from 'vitest';
import { checkExamples, programs, root } from '../src/check-examples.ts';

const names = listExamples(root);
const read = (path: string) => readFileSync(join(root, 'examples', path), 'utf8');
const published = new Map(listPackages(root).map(({ name, version }) => [name, version]));

test('all programs compile against the sources', () => {
  expect(programs.length).toBeGreaterThan(15);
  expect(checkExamples()).toEqual([]);
});

test('an option that was renamed is found, with file and line', () => {
  const text = read('node-script/main.ts').replace('Text2ImageTask({ prompt })', 'Text2ImageTask({ promt: prompt })');
  const line = text.split('\n').findIndex((each) => each.includes('promt')) + 1;
  expect(checkExamples(['node-script/main.ts'], { 'node-script/main.ts': text })).toEqual([
    expect.stringMatching(new RegExp(`^node-script/main\\.ts:${line}: .*'promt' does not exist`, 's')),
  ]);
});

test('the table of the README has each example', () => {
  const listed = [...read('README.md').matchAll(/^\| \[([\w-]+)\]\(\1\)/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(names.toSorted());
});

/** The range that takes the next releases: before the first one, the packages have no version that could be installed. */
const rangeFor = (version: string) => `^${Math.max(1, Number.parseInt(version, 10))}.0.0`;

test.each(['own-workflow/photo-glow', ...names])('%s asks for our packages as npm will have them', (name) => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(read(`${name}/package.json`));
  const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([each]) => each.startsWith('@heurist/'));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours).toEqual(ours.map(([each]) => [each, rangeFor(published.get(each) ?? 'none')]));
});
