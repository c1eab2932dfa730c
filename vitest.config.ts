import { globSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// One configuration for every package: tests run against the sources of the other packages, so they need no build.
const conditions = ['@heurist/source', ...defaultServerConditions];
const manifests = globSync(
  [
    'packages/*/package.json',
    'packages/{workflows,network}/*/package.json',
    'apps/*/package.json',
    'internal/{chaos,packed,test-servers}/package.json',
  ],
  {
    cwd: import.meta.dirname,
  },
);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: manifests.sort().map((manifest) => ({
      extends: true as const,
      test: {
        name: dirname(manifest).split('/').at(-1) ?? manifest,
        root: resolve(import.meta.dirname, dirname(manifest)),
        include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
