import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { targets } from './internal/mutate/targets.ts';
import { sources } from './vitest.shared.ts';

// The tests of one package, as StrykerJS runs them in its copy of the repository.
const { folder = '', slow = [] } = targets[process.env.MUTATE ?? ''] ?? {};

export default defineConfig({
  root: join(import.meta.dirname, folder),
  ...sources,
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', ...slow],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
