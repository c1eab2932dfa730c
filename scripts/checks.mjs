// The checks of the repository, quickest first. Each counts as one; every single test counts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

const REPORT = 'node_modules/.cache/test-report.json';

/** Runs checks, and counts for the closing line `N passed, N failed`. */
export class Checks {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #failedNames = [];

  /** Runs a shell line that passes when it exits with 0. */
  step(name, command) {
    if (this.#run(name, command)) this.#passed++;
    else this.#failed++;
  }

  /** Runs vitest. Its own report counts; a run that ends without one is a failure. */
  tests(name, command) {
    rmSync(REPORT, { force: true });
    const hasPassed = this.#run(name, `${command} --reporter=default --reporter=json --outputFile.json=${REPORT}`);
    const report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : {};
    this.#passed += report.numPassedTests ?? 0;
    this.#failed += report.numFailedTests ?? 0;
    this.#skipped += report.numPendingTests ?? 0;
    if (!hasPassed && !report.numFailedTests) this.#failed++;
  }

  /** Prints the closing lines. Returns the exit code. */
  close() {
    if (this.#skipped) console.log(`\n${this.#skipped} SKIPPED: see above for what is missing`);
    // repeated at the end, where a truncated log still shows it
    if (this.#failedNames.length) console.log(`\nFAILED: ${this.#failedNames.join(', ')}`);
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed ? 1 : 0;
  }

  #run(name, command) {
    console.log(`\n# ${name}`);
    const start = Date.now();
    const { status } = spawnSync(command, { stdio: 'inherit', shell: true });
    console.log(`# ${name}: ${status === 0 ? 'ok' : 'FAILED'}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
    if (status !== 0) this.#failedNames.push(name);
    return status === 0;
  }
}

/** Checks that need no test runner. Each takes seconds once types are in turbo's cache. */
export function addStaticChecks(checks) {
  checks.step('node version', 'node scripts/check-node.mjs');
  checks.step('format and lint', 'biome check .');
  checks.step('layers', 'turbo boundaries');
  checks.step('dependency versions', 'sherif');
  checks.step('unused code and dependencies', 'knip --no-progress');
  // a changeset that cannot be parsed would stop a release
  checks.step('changesets', 'changeset status --since=HEAD');
  checks.step('types', 'pnpm run typecheck --output-logs=errors-only');
}
