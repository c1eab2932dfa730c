// Every check of the repository, in the order in which a failure is found soonest. Counts for the closing line: each
// test, and each check that is no test as one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

const REPORT = 'node_modules/.cache/test-report.json';
const count = { passed: 0, failed: 0, skipped: 0 };
const failedChecks = [];

function check(name, command) {
  console.log(`\n# ${name}`);
  const start = Date.now();
  const { status } = spawnSync(command, { stdio: 'inherit', shell: true });
  console.log(`# ${name}: ${status === 0 ? 'ok' : 'FAILED'}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (status !== 0) failedChecks.push(name);
  return status === 0;
}

function step(name, command) {
  count[check(name, command) ? 'passed' : 'failed']++;
}

/** vitest's own report counts; a run that ends without one is a failure. */
function tests(name, command) {
  rmSync(REPORT, { force: true });
  const isGood = check(name, `${command} --reporter=default --reporter=json --outputFile.json=${REPORT}`);
  const report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : {};
  count.passed += report.numPassedTests ?? 0;
  count.failed += report.numFailedTests ?? 0;
  count.skipped += report.numPendingTests ?? 0;
  if (!isGood && !report.numFailedTests) count.failed++;
}

step('node version', 'node scripts/check-node.mjs');
step('format and lint', 'biome check .');
step('layers', 'turbo boundaries');
step('dependency versions', 'sherif');
step('unused code and dependencies', 'knip --no-progress');
step('types', 'turbo run typecheck --output-logs=errors-only');
step('build', 'turbo run build --output-logs=errors-only');
step('packages', 'turbo run pkgcheck --output-logs=errors-only');
tests('tests', 'vitest run');
// a real ComfyUI is nothing that a fresh machine has
if (process.env.COMFYUI_URL) tests('tests against ComfyUI', 'vitest run --config vitest.live.config.ts');

if (count.skipped) console.log(`\n${count.skipped} SKIPPED: see above what is missing here`);
// said again where a log that was cut still shows it
if (failedChecks.length) console.log(`\nFAILED: ${failedChecks.join(', ')}`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed ? 1 : 0);
