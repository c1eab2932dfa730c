import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { defaultServerConditions } from 'vite';
import type { ViteUserConfig } from 'vitest/config';

/** Tests run against the sources of the other packages, so they need no build. */
const conditions = ['@heurist/source', ...defaultServerConditions];

// workers, and the commands that tests start, begin sooner with code that was compiled before
process.env.NODE_COMPILE_CACHE ??= resolve(import.meta.dirname, 'node_modules/.cache/compile');

/** How modules are found in every test run. */
export const sources = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
} satisfies ViteUserConfig;

/**
 * A project for each package that has tests: `vitest run --project core`.
 *
 * @param isolated - packages whose test files each have a worker of their own. The files of the others share workers with all
 *   modules they have loaded, which halves the CPU time: what a test changes in a module or in the environment, it puts back
 *   (one worker and files in any order show what leaks: `--max-workers 1 --sequence.shuffle.files`)
 */
export function projects(include: string[], exclude: string[] = [], isolated: 'all' | string[] = 'all') {
  const manifests = globSync(
    [
      'packages/*/package.json',
      'packages/{workflows,network}/*/package.json',
      'apps/*/package.json',
      'internal/*/package.json',
    ],
    { cwd: import.meta.dirname },
  );
  return manifests.sort().map((manifest) => ({
    extends: true as const,
    test: {
      name: dirname(manifest).split('/').at(-1) ?? manifest,
      root: resolve(import.meta.dirname, dirname(manifest)),
      include,
      isolate: isolated === 'all' || isolated.includes(dirname(manifest)),
      exclude: ['**/node_modules/**', '**/dist/**', ...exclude],
      // what types promise: `*.test-d.ts`, checked and not run
      typecheck: {
        enabled: hasTypeTests(resolve(import.meta.dirname, dirname(manifest))),
        include: ['test/**/*.test-d.ts'],
      },
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // the default of a second is too short for a machine that is busy
      expect: { poll: { timeout: 10_000 } },
      // messages spell the command as it works where it was started: in tests, always as an installed one
      env: { npm_command: '' },
    },
  }));
}

const hasTypeTests = (folder: string) => globSync('test/**/*.test-d.ts', { cwd: folder }).length > 0;

/** Most tests wait for servers and timers: with a test file per core, half of the machine would be idle. */
export const maxWorkers = Math.max(3, Math.ceil(availableParallelism() * 1.5));
