// What `npm test` runs once everything is installed; with `--all`, what `npm run test:all` adds to it. The last line is
// `N passed, N failed`.
import { addStaticChecks, Checks } from './checks.mjs';

const checks = new Checks();
addStaticChecks(checks);
checks.step('build', 'turbo run build --output-logs=errors-only');
checks.step('packages', 'turbo run pkgcheck --output-logs=errors-only');
checks.tests('tests', 'vitest run');
if (process.argv.includes('--all')) {
  checks.tests('slow tests', 'vitest run --config vitest.slow.config.ts');
  checks.step('runtimes and compilers', 'node --conditions=@heurist/source internal/matrix/main.ts');
  // minutes of faults, where `npm test` has seconds
  checks.step('chaos', 'node --conditions=@heurist/source internal/chaos/main.ts --tasks 400 --seconds 160 --rounds 0');
  checks.step('Lighthouse', 'node --conditions=@heurist/source apps/demo/lighthouse/main.ts --runs 3');
  checks.step('release rehearsal', 'node internal/release/main.ts');
  if (!process.env.REFERENCE_MINER)
    console.log('\n# the reference miner: skipped; set REFERENCE_MINER to a clone of comfyui-miner-release to run it');
  // a fresh machine has no real ComfyUI
  if (process.env.COMFYUI_URL)
    checks.tests('tests against ComfyUI', 'vitest run --config vitest.live.config.ts comfyui.live');
  else console.log('\n# tests against ComfyUI: skipped; set COMFYUI_URL to run them');
  if (process.env.COMFYUI_FOLDER)
    checks.tests('warm routing on two ComfyUIs', 'vitest run --config vitest.live.config.ts warm.live');
  else console.log('\n# warm routing on two ComfyUIs: skipped; set COMFYUI_FOLDER to a clone of ComfyUI to run it');
}
process.exit(checks.close());
