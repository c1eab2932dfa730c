// Puts `heurist sequencer` and `heurist miner` into a folder, with what they need and nothing more: assemble.mjs FOLDER.
// The packages must be built. The local network stays out: the image is for machines with a ComfyUI.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Usage: node deploy/assemble.mjs FOLDER');
const out = resolve(folder);

// inside another npx, as in `npm test`, npx would repeat the outer call
const { npm_config_call, npm_config_package, ...env } = process.env;
execFileSync('npm', ['run', '-s', 'pnpm', '--', '--filter', '@heurist/cli', 'deploy', '--prod', '--legacy', out], {
  cwd: root,
  env,
  stdio: 'inherit',
});
for (const name of readdirSync(join(out, 'node_modules/.pnpm')))
  if (name.startsWith('@types+')) rmSync(join(out, 'node_modules/.pnpm', name), { recursive: true });

// the embedded database, for a sequencer without PostgreSQL: an optional dependency, which has none itself
const PGLITE = 'node_modules/@electric-sql/pglite';
cpSync(realpathSync(join(root, 'packages/network/sequencer', PGLITE)), join(out, PGLITE), { recursive: true });
