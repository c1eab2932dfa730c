import { defineConfig } from 'vitest/config';
import { maxWorkers, projects, sources } from './vitest.shared.ts';
import { SlowFirst } from './vitest.slow-first.ts';

// The tests of `npm test`.
export default defineConfig({
  ...sources,
  test: {
    maxWorkers,
    projects: projects(
      ['src/**/*.test.ts', 'test/**/*.test.ts'],
      ['**/*.slow.test.ts'],
      [
        // builds its page as for production, and React reads which it is when it is loaded
        'apps/demo',
      ],
    ),
    sequence: { sequencer: SlowFirst },
  },
});
