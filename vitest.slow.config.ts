import { defineConfig } from 'vitest/config';
import { maxWorkers, projects, sources } from './vitest.shared.ts';
import { SlowFirst } from './vitest.slow-first.ts';

// Tests that take minutes: `npm run test:all` runs them, `npm test` does not.
export default defineConfig({
  ...sources,
  test: { maxWorkers, projects: projects(['test/**/*.slow.test.ts']), sequence: { sequencer: SlowFirst } },
});
