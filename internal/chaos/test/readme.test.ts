import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS } from '../src/faults/index.ts';

test('the README explains each fault', () => {
  const rows = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm);
  const explained = [...rows].map(([, name, meaning]) => ({ name, meaning })).slice(1);
  expect(explained.filter(({ name }) => !name?.startsWith('-'))).toEqual(
    FAULTS.map(({ name, meaning }) => ({ name, meaning })),
  );
});
