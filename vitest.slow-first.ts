import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long, the longest first; those that wait and those that compute take turns. They begin before all others: one that begins last would run alone at the end, while
 * the other workers have nothing to do. Test runs print how long each takes.
 */
const LONGEST = [
  'apps/demo/test/page.test.ts',
  'packages/network/sequencer/test/sequencer.postgres.test.ts',
  'internal/packed/test/packed.test.ts',
  'packages/network/sequencer/test/sequencer.pglite.test.ts',
  'packages/network/miner/test/faults.test.ts',
  'apps/quickstart/test/main-job.test.ts',
  'packages/network/miner/test/miner.test.ts',
  'internal/docs-site/test/site.test.ts',
  // of `npm run test:all`
  'internal/examples/test/examples.slow.test.ts',
  'internal/docs/test/contributor-commands.slow.test.ts',
  'internal/packed/test/printed-programs-run.slow.test.ts',
  'internal/docs-site/test/site.slow.test.ts',
  'packages/cli/test/proxies.slow.test.ts',
  'internal/release/test/own-workflow.slow.test.ts',
  'internal/deploy/test/dockerfile.slow.test.ts',
  'internal/deploy/test/pages.slow.test.ts',
  'apps/demo/test/chains.slow.test.ts',
];

const gone = LONGEST.filter((file) => !existsSync(resolve(import.meta.dirname, file)));
if (gone.length) throw new Error(`vitest.slow-first.ts names files that are not there: ${gone.join(', ')}.`);

/** The place of a file among those that take long; after all of them if it is not one. */
function placeOf({ moduleId }: Pick<TestSpecification, 'moduleId'>): number {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place < 0 ? LONGEST.length : place;
}

/** Files that take long first; the others in the order of vitest. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
