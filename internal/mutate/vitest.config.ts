import { join } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { targets } from './targets.ts';

// The tests of one package, as StrykerJS runs them in its copy of the repository.
const { folder = '', slow = [] } = targets[process.env.MUTATE ?? ''] ?? {};
const conditions = ['@heurist/source', ...defaultServerConditions];

export default defineConfig({
  root: join(import.meta.dirname, '../..', folder),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: slow,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
