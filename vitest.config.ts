import { defineConfig } from 'vitest/config';
import { maxWorkers, projects, sources } from './vitest.shared.ts';

// The tests of `npm test`.
export default defineConfig({
  ...sources,
  test: { maxWorkers, projects: projects(['src/**/*.test.ts', 'test/**/*.test.ts'], ['**/*.slow.test.ts']) },
});
