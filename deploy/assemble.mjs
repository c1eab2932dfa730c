// Puts everything that `heurist sequencer` and `heurist miner` need into a folder, and nothing else: assemble.mjs FOLDER.
// The packages must be built. The CPU engine and its networks stay out: the image is for machines with a ComfyUI.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Usage: node deploy/assemble.mjs FOLDER');
const out = resolve(folder);

// inside another npx, as in `npm test`, its call would be made again
const { npm_config_call, npm_config_package, ...env } = process.env;
execFileSync('npm', ['run', '-s', 'pnpm', '--', '--filter', '@heurist/cli', 'deploy', '--prod', '--legacy', out], {
  cwd: root,
  env,
  stdio: 'inherit',
});
/** 170 MB that neither command loads. */
const UNUSED = /^(onnxruntime-|@heurist\+tiny-icons|@types\+)/;
for (const name of readdirSync(join(out, 'node_modules/.pnpm')))
  if (UNUSED.test(name)) rmSync(join(out, 'node_modules/.pnpm', name), { recursive: true });
