import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { NEEDED_NODE, nodeProblem } from './require-node.ts';

test.each(['22.18.0', '22.20.1', '24.0.0', '100.0.0'])('Node %s is new enough', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

test.each(['18.20.8', '20.20.2', '22.17.9', '22.9.0'])('Node %s is not', (version) => {
  expect(nodeProblem(version)).toBe(`Heurist needs Node 22.18 or newer; this is ${version}.`);
});

test('every manifest says the same', () => {
  const cwd = resolve(import.meta.dirname, '../../..');
  const manifests = globSync('packages/{*,*/*}/package.json', { cwd, exclude: (name) => name === 'node_modules' });
  const engines = manifests.map((path) => JSON.parse(readFileSync(resolve(cwd, path), 'utf8')).engines?.node);
  expect(new Set(engines.filter(Boolean))).toEqual(new Set([`>=${NEEDED_NODE}`]));
  expect(readFileSync(resolve(cwd, 'scripts/check-node.mjs'), 'utf8')).toContain(`[${NEEDED_NODE.replace('.', ', ')}]`);
});
