import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelRequirement } from '@heurist/core/definition';
import { expect, test } from 'vitest';

const source = resolve(import.meta.dirname, '../src');
const paths = globSync('*.ts', { cwd: source }).filter((path) => !path.endsWith('.test.ts'));
const modules = await Promise.all(paths.map((path) => import(`${source}/${path}`)));
const files = modules
  .flatMap((module) => Object.values(module).flat())
  .filter((each): each is ModelRequirement => typeof each === 'object');

test('each file is described once', () => {
  const byUrl = Map.groupBy(new Set(files), ({ url }) => url);
  expect([...byUrl].filter(([, same]) => same.length > 1)).toEqual([]);
  expect(byUrl.size).toBeGreaterThan(25);
});

test('each file has a folder, a name, an address and a size', () => {
  for (const file of files)
    expect(file).toMatchObject({
      folder: expect.stringMatching(/^[a-z_]+$/),
      filename: expect.stringMatching(/^[\w.-]+$/),
      url: expect.stringMatching(/^https:\/\/(huggingface\.co|github\.com|www\.npmjs\.com)\//),
      bytes: expect.any(Number),
    });
});
