// `npm run check`: run it before every commit. Format, lint, layers, types, and the tests beside the files that changed since
// the last commit (or in it, if nothing has changed since). The last line is `N passed, N failed`.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { addStaticChecks, Checks } from './checks.mjs';

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
const uncommitted = [...git('diff', '--name-only', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')];
// a shallow clone has no commit before
const hasBefore = git('rev-list', '--max-count=2', 'HEAD').length > 1;
const committed = hasBefore ? git('diff', '--name-only', 'HEAD~1', 'HEAD') : [];
const changed = uncommitted.length ? uncommitted : committed;

/** Tests beside a changed source, and tests that changed themselves. */
const near = new Set(
  changed.flatMap((file) => {
    if (!/\.tsx?$/.test(file)) return [];
    if (/\.test\.tsx?$/.test(file)) return existsSync(file) ? [file] : [];
    const folder = file.slice(0, file.lastIndexOf('/'));
    return globSync(`${folder}/*.test.{ts,tsx}`);
  }),
);

const checks = new Checks();
addStaticChecks(checks);
if (near.size) checks.tests('tests near the change', `vitest run ${[...near].join(' ')}`);
process.exit(checks.close());
